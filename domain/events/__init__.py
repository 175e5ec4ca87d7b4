"""Committed facts that others may react to: ids only, densely numbered by the relay."""
