"""Calling the systems of others over HTTPS, and never anything inside."""
