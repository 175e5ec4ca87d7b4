"""`make run`: everything on one machine, started in order and stopped with us. Production starts the parts itself."""
