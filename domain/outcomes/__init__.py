"""Pathways, enrolments and contacts, and what a commissioner may learn from them."""
