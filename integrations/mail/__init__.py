"""Outgoing mail: one letter at a time to a mail server, or as files into a folder."""
