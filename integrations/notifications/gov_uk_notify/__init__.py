"""GOV.UK Notify: text messages and email in the name of the NHS."""
