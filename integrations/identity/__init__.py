"""Talking with an OpenID Connect provider, as one of its clients."""
