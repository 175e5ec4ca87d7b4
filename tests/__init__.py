"""Tests: spec and unit need nothing; database, http, live, run and faults use a real PostgreSQL; browser a real one too."""
