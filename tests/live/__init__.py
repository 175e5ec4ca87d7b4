"""Live delivery by real processes: several APIs and workers on one real database, and clients that are not kind."""
