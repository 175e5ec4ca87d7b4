"""Remote care: what Tendwell knows and refuses. No web framework, no settings, no outside system."""
