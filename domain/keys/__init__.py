"""The keys that sign, stored with their private halves sealed, and the sealing of small secrets for any table."""
