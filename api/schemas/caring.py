"""By whose work a record is open."""

from typing import Self

from api.schemas.strict import Out
from domain.people.caring_queries import Caring, CaringTeam


class CaringTeamOut(Out):
    """A care team: its name, the organisation whose team it is, and the clinicians on it, by name."""

    name: str
    organisation: str
    members: list[str]

    @classmethod
    def of(cls, team: CaringTeam) -> Self:
        """Return a care team as a person is told of it."""
        return cls(name=team.name, organisation=team.organisation, members=list(team.members))


class CaringOut(Out):
    """Who sees a record by their work now, by name: clinicians of the practice, care teams, staff of a care home.

    `is_shared` is false where the person has said no to sharing: then only their practice does, and none else is named.
    """

    practice: str
    is_shared: bool
    care_teams: list[CaringTeamOut]
    care_home: str | None

    @classmethod
    def of(cls, found: Caring) -> Self:
        """Return who sees a record by their work."""
        return cls(
            practice=found.practice,
            is_shared=found.is_shared,
            care_teams=[CaringTeamOut.of(each) for each in found.care_teams],
            care_home=found.care_home,
        )
