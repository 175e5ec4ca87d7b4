"""Vital signs: what a device claims, what we accept of it, and reading it back."""
