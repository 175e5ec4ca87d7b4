"""Web Push: notices for a browser, or an app made of web pages, by way of the browser's maker."""
