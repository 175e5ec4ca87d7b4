"""Alerts: that somebody should look at a person, why, and what came of it."""
