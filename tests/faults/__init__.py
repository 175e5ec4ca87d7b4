"""What goes wrong on purpose: processes that die in the middle of their work."""
