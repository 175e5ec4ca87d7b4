"""A person's diary: what they noticed and when, in their own words and as symptoms from a catalogue."""
