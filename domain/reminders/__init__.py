"""Reminding people of what is due by their plans: once each, and only what is still to be done."""
