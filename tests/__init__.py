"""Tests: spec and unit need nothing, most others a real PostgreSQL, browser a real browser too."""
