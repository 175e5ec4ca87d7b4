"""Copies of one's own record that phones keep: begun whole, and kept up to date by what changed."""
