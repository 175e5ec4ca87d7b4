"""Journeys through the console in a real browser, against real processes on a real database."""
