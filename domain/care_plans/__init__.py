"""Personalised care and support plans: what matters to a person, what they need and wish, and if they fall ill."""
