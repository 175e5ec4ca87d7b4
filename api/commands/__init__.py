"""The commands of `python -m api`, a module each, loaded only when named: the supervisor carries no web framework."""
