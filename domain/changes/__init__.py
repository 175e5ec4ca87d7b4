"""What changed in one person's record since their phone last asked, by number and never by time."""
