"""How an operator states who answers for people's data, and on which lawful basis. It reads nothing itself."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.rights.lawful_basis import Controller, LawfulBasis, PrivacyNotice, Purpose, privacy_notice


class BasisSettings(BaseModel):
    """The conditions that a use of people's data rests on: of article 6 and, about health, of article 9."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_6: str
    article_9: str | None = None


class PrivacySettings(BaseModel):
    """Who answers for people's data here, and the lawful basis of each purpose that is not the one proposed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    controller: str = Field(min_length=1)
    contact: str = Field(min_length=1)
    data_protection_officer: str | None = None
    lawful_basis: dict[Purpose, BasisSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _lawful(self) -> "PrivacySettings":
        self.notice()
        return self

    def notice(self) -> PrivacyNotice:
        """Return the notice that people are shown. Raises ValueError for a basis that the law does not have."""
        controller = Controller(self.controller, self.contact, self.data_protection_officer)
        stated = {
            purpose: LawfulBasis(basis.article_6, basis.article_9) for purpose, basis in self.lawful_basis.items()
        }
        return privacy_notice(controller, stated)
