"""Telling people that there is something for them in Tendwell, by the ways they chose: never what."""
