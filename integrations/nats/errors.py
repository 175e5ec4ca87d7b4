"""What goes wrong with NATS, all of which passes by itself: a doorbell that is out of order costs a quarter second."""

from __future__ import annotations

from nats.errors import Error

PASSING = (Error, OSError)
