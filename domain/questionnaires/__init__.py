"""Questionnaires: what is asked, which answers fit, what they add up to, and what is done when one cannot wait."""
