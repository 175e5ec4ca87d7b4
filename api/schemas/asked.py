"""What an action of a plan asks to be recorded, as clients see it."""

from typing import Self

from api.schemas.strict import Choice, In, Out, Token
from domain.plans.asked import AskedFor, RecordKind


class AskedForIn(In):
    """What an action asks to be recorded. `of`: the sign of a reading or the key of a questionnaire; none of a diary.

    Each time that the action is due is then met by such a record of the person, whoever made it, taken in that time's
    part of the day.
    """

    kind: Choice[RecordKind]
    of: Token | None = None

    def to_asked_for(self) -> AskedFor:
        """Return it as the domain knows it."""
        return AskedFor(RecordKind(self.kind), self.of)


class AskedForOut(Out):
    """What an action asks to be recorded: a reading `of` a sign, a questionnaire by its key, or a diary entry."""

    kind: RecordKind
    of: str | None

    @classmethod
    def of_action(cls, asked_for: AskedFor | None) -> Self | None:
        """Return it as clients see it; None of an action that asks for nothing."""
        return None if asked_for is None else cls(kind=asked_for.kind, of=asked_for.of)
