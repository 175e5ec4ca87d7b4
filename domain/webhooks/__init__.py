"""Telling an organisation's own systems that something happened: ids only, each fact at least once."""
