"""Organisations, accounts, memberships and sessions: who can sign in, and as what, where."""
