"""Who did what to whose record, when; reads included."""
