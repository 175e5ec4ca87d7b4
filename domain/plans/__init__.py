"""What a person wants, what was agreed to do about it, and what came of it."""
