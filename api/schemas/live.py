"""The answer that begins a live connection."""

from datetime import datetime

from api.schemas.strict import Out


class LiveTicketOut(Out):
    """A ticket for one live socket, and when it lapses."""

    ticket: str
    expires_at: datetime
