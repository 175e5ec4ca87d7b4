"""The addresses that letters lead to.

A link's token stands behind '#': no browser sends that to any server, so it is in no log of ours or of a proxy's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """The pages of one installation, by what people type to reach it."""

    public_url: str

    def to_invitation(self, token: str) -> str:
        """Return the page on which an invitation is accepted."""
        return f"{self.public_url}/console/invitation#token={token}"

    def to_record(self, token: str) -> str:
        """Return the page on which a patient accepts an invitation: it asks them for their date of birth."""
        return f"{self.public_url}/console/invitation/record#token={token}"

    @property
    def to_reviews(self) -> str:
        """Return the page on which clinicians see whose delegates by law are to be looked at again."""
        return f"{self.public_url}/console/requests"

    @property
    def to_decisions(self) -> str:
        """Return the page on which people see what was decided about their record."""
        return f"{self.public_url}/console/my-record/choices"

    @property
    def to_copies(self) -> str:
        """Return the page on which people fetch their copy, and read what came of what they asked."""
        return f"{self.public_url}/console/my-record/copies"

    @property
    def to_looked(self) -> str:
        """Return the page on which people read who has looked at their record."""
        return f"{self.public_url}/console/my-record/looked"

    @property
    def to_acting(self) -> str:
        """Return the page from which people reach the records of those for whom they act."""
        return f"{self.public_url}/console/acting-for"

    @property
    def to_alerts(self) -> str:
        """Return the page on which privacy officers look into what was opened in an emergency."""
        return f"{self.public_url}/console/privacy-alerts"

    @property
    def to_accounts(self) -> str:
        """Return the page on which administrators give roles and invite."""
        return f"{self.public_url}/console/accounts"

    def to_new_password(self, token: str) -> str:
        """Return the page on which a forgotten password is replaced."""
        return f"{self.public_url}/console/new-password#token={token}"
