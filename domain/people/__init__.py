"""Patients, where they live, and who may see them."""
