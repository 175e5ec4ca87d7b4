"""A copy of everything about oneself: gathered by the worker through every answer's queries, handed over as a ZIP."""
