"""Second factors, and the steps of signing in, as clients see them."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from api.schemas.strict import WITHOUT_NUL, In, NewPassword, Out, refused
from domain.accounts import factor_queries, sign_in_commands
from domain.accounts.factor_commands import Proof
from domain.accounts.password_rules import GREATEST_LENGTH as GREATEST_PASSWORD_LENGTH
from domain.accounts.sign_in import Method, Step
from domain.accounts.totp import DIGITS

OpaqueToken = Annotated[str, Field(min_length=1, max_length=128, repr=False, json_schema_extra=WITHOUT_NUL)]
Code = Annotated[
    str,
    Field(min_length=DIGITS, max_length=12, pattern="^[0-9 ]+$", description="Six digits from the app."),
]
RecoveryCode = Annotated[
    str,
    Field(
        min_length=16,
        max_length=40,
        json_schema_extra=WITHOUT_NUL,
        description="One of the ten; used once.",
    ),
]

ShownPassword = Annotated[str, Field(min_length=1, max_length=GREATEST_PASSWORD_LENGTH, json_schema_extra=WITHOUT_NUL)]


def _one_of(given: object, *names: str) -> None:
    if sum(getattr(given, name) is not None for name in names) != 1:
        raise refused("one_of", f"Send exactly one of {', '.join(names)}.")


class SignInStepOut(Out):
    """The password was right, and more is needed: what, how it can be shown, and the token that goes with it."""

    state: Step
    sign_in_token: str
    methods: list[Method]
    expires_in: int

    @classmethod
    def of(cls, pending: sign_in_commands.PendingSignIn) -> Self:
        """Return what a client is told."""
        return cls(
            state=pending.step,
            sign_in_token=pending.token,
            methods=list(pending.methods),
            expires_in=pending.expires_in_seconds,
        )


class SecondFactorIn(In):
    """The second factor of a sign-in: a code of the app, or a recovery code."""

    sign_in_token: OpaqueToken
    code: Code | None = Field(default=None, repr=False)
    recovery_code: RecoveryCode | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, "code", "recovery_code")
        return self

    @property
    def proof(self) -> Proof:
        """Return what is shown."""
        return Proof(self.code, self.recovery_code)


class SignInTokenIn(In):
    """The token of a sign-in that waits."""

    sign_in_token: OpaqueToken


class FirstPasswordIn(In):
    """A password of one's own, in the place of the one that somebody else chose."""

    sign_in_token: OpaqueToken
    new_password: NewPassword


class ConfirmationIn(In):
    """What shows that it is still you: the password, a code of the app, or a recovery code."""

    password: ShownPassword | None = Field(default=None, repr=False)
    code: Code | None = Field(default=None, repr=False)
    recovery_code: RecoveryCode | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(self, "password", "code", "recovery_code")
        return self

    @property
    def proof(self) -> Proof:
        """Return the second factor that is shown."""
        return Proof(self.code, self.recovery_code)


class TotpOut(Out):
    """An authenticator app's secret, shown once: typed in, or drawn as a QR code of the URI."""

    secret: str
    otpauth_uri: str


class CodeIn(In):
    """A code of the app."""

    code: Code = Field(repr=False)


class FactorsOut(Out):
    """The caller's second factors, and whether they must have one."""

    totp_since: datetime | None
    recovery_codes_left: int
    required: bool

    @classmethod
    def of(cls, found: factor_queries.Factors, *, required: bool) -> Self:
        """Return the factors as their holder sees them."""
        return cls(totp_since=found.totp_since, recovery_codes_left=found.recovery_codes_left, required=required)


class RecoveryCodesOut(Out):
    """Ten recovery codes, shown this once."""

    codes: list[str]
