"""Letters by e-mail: what they say, and the outbox from which they are sent."""
