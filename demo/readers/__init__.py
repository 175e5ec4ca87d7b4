"""One reader a dataset: their files in, recorded measurements out. No HTTP, no clock, no people."""
