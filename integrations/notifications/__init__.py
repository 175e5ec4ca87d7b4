"""Telling people, by whatever reaches them, that there is something for them in Tendwell: never what."""
