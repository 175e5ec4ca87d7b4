"""Signing in by way of the identity provider: sending somebody there, and what their coming back is worth.

No transaction is open while the provider is asked. Whatever is refused is told in one way, or an answer would tell
whether there is a record of somebody; our log has the reason, without anything that was said of them.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from api.deps import Services
from api.id_tokens import Expected, IdToken, client_assertion, key_id_of, verify_id_token
from api.identity_provider import OfferedProvider, present_client_key
from api.password_proof import begun
from api.passwords import unusable_hash
from domain.accounts import throttle
from domain.accounts.client import Client
from domain.accounts.invitation_queries import good_invitation, who_invited
from domain.accounts.provider_commands import Begun, Taken, begin_provider_sign_in, lay_back, take_provider_sign_in
from domain.accounts.session_commands import OpenedSession
from domain.accounts.sign_in_commands import PendingSignIn, Proven, continue_sign_in
from domain.accounts.throttle import Scope
from domain.accounts.throttle_commands import Attempt, succeed_attempt, withdraw_attempt
from domain.errors import AlreadyExists, Conflict, ConsentNotGiven, NotAuthenticated
from domain.people.invitation_commands import accept_by_provider, refused_invitation
from domain.people.nhs_login import NotProven, ProvenIdentity, proven_identity
from domain.people.provider_commands import NoAccount, Subject, account_of_proven
from integrations.identity.errors import AnswerRefused, ProviderUnavailable, ProviderUnfit
from integrations.identity.payload import authorisation_url, require_issuer
from integrations.postgres.errors import DatabaseUnavailable

REFUSED = "You could not be signed in this way. Begin again, or sign in another way. Your practice can help."
_LOG = logging.getLogger("tendwell.sign_in")
# What a provider says in the place of a code (RFC 6749, 4.1.2.1): somebody said no there, or it cannot just now.
_SAID_NO = "access_denied"
_NOT_NOW = frozenset({"server_error", "temporarily_unavailable"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back from the provider, with the secret that it kept, and from where."""

    state: str = field(repr=False)
    secret: str = field(repr=False)
    code: str | None = field(repr=False)
    error: str | None
    issuer: str | None
    client_address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class SentThere:
    """Where to send somebody to sign in, and the secret that their browser keeps meanwhile."""

    address: str
    secret: str = field(repr=False)


async def sent_to_provider(
    held: Services, offered: OfferedProvider, client: Client, invitation: str | None
) -> SentThere:
    """Return where to send somebody. Raises ProviderUnavailable, with nothing written down.

    `invitation` is accepted when they come back; raises NotAuthenticated for one that cannot be.
    """
    if invitation is not None:
        async with held.database.looking_up() as session:
            (await good_invitation(session, invitation, at=held.clock())).require_to_a_record()
    try:
        described = await offered.provider.described(held.clock())
    except ProviderUnavailable as error:
        _tell(error)
        raise
    async with held.database.identifying() as session:
        begun_now: Begun = await begin_provider_sign_in(
            session, held.sealing, at=held.clock(), client=client, invitation=invitation
        )
    address = authorisation_url(
        described,
        offered.provider.registration,
        state=begun_now.state,
        nonce=begun_now.nonce,
        verifier=begun_now.verifier,
    )
    return SentThere(address, begun_now.secret)


async def came_back(held: Services, offered: OfferedProvider, answer: Answer) -> OpenedSession | PendingSignIn:
    """Return the session of whoever has come back, or what their sign-in still waits for.

    Raises NotAuthenticated, ConsentNotGiven, TooManyAttempts, ProviderUnavailable (the answer is still good), and
    DatabaseUnavailable, after which it may be spent.
    """
    attempt = await begun(held, Scope.address, throttle.network_of(answer.client_address).encode())
    try:
        reached = await _reached(held, offered, answer)
    except AnswerRefused as refused:
        request_id = answer.request_id
        _LOG.warning("request %s: a sign-in by the identity provider was refused: %s", request_id, refused.code)
        raise NotAuthenticated(REFUSED) from None
    except (ProviderUnavailable, ConsentNotGiven, DatabaseUnavailable) as error:  # nobody guessed anything
        with suppress(DatabaseUnavailable):  # the database may be away for this as well
            await _withdraw(held, attempt)
        if isinstance(error, ProviderUnavailable):
            _tell(error)
        raise
    async with held.database.identifying() as session:
        await succeed_attempt(session, attempt, at=held.clock())
    return reached


async def _reached(held: Services, offered: OfferedProvider, answer: Answer) -> OpenedSession | PendingSignIn:
    async with held.database.identifying() as session:
        taken = await take_provider_sign_in(session, answer.state, answer.secret, held.sealing, at=held.clock())
    if taken is None:
        raise AnswerRefused("state")
    try:
        token, proven = await _proven(held, offered, answer, taken)
    except ProviderUnavailable:
        if answer.code is not None:
            async with held.database.identifying() as session:
                await lay_back(session, taken.id)
        raise
    who = Subject(offered.provider.registration.issuer, token.subject)
    if taken.invitation is not None:
        await _accept(held, taken.invitation, proven, who, answer.request_id)
    at = held.clock()  # after the acceptance: the trail is read in the order of its instants
    async with held.database.identifying() as session:
        found = await account_of_proven(session, proven, who, held.sealing, at=at, request_id=answer.request_id)
        if not isinstance(found, NoAccount):
            return await continue_sign_in(
                session, Proven(found), held.factor_rule, at=at, request_id=answer.request_id, client=taken.client
            )
    raise AnswerRefused(found.code)


async def _accept(held: Services, invitation: str, proven: ProvenIdentity, who: Subject, request_id: str) -> None:
    """Make the account of an invited patient, tied to their login.

    Raises AnswerRefused with nothing made; that another person came is in the trail, and in that of the invited.
    """
    at = held.clock()
    try:
        async with held.database.looking_up() as session:
            good = await good_invitation(session, invitation, at=at)
            inviter = await who_invited(session, good, at=at, request_id=request_id)
        async with held.database.linking(inviter) as session:
            await accept_by_provider(
                session, invitation, proven, who, unusable_hash(), held.sealing, at=at, request_id=request_id
            )
    except NotProven as missing:
        async with held.database.identifying() as session:
            await refused_invitation(session, who, missing, at=at, request_id=request_id)
        raise AnswerRefused(missing.code) from None
    except NotAuthenticated:
        raise AnswerRefused("invitation") from None
    except (AlreadyExists, Conflict):  # the address, or the patient, has an account by now
        raise AnswerRefused("invitation_overtaken") from None


async def _proven(
    held: Services, offered: OfferedProvider, answer: Answer, taken: Taken
) -> tuple[IdToken, ProvenIdentity]:
    """Return who has come, as the provider has verified them. Raises AnswerRefused, ConsentNotGiven, and as above."""
    provider, at = offered.provider, held.clock()
    described = await provider.described(at)
    require_issuer(answer.issuer, described, provider.registration)
    if answer.code is None:
        raise _said_instead(answer.error)
    await provider.keys(at)  # before the code is spent: without them it would be spent for nothing
    assertion = await _assertion(held, offered, described.token_endpoint, at)
    tokens = await provider.tokens(answer.code, verifier=taken.verifier, assertion=assertion, at=at)
    kid = key_id_of(tokens.id_token, provider.registration.algorithm)
    keys = await provider.keys_with(kid, at)
    expected = Expected(provider.registration, taken.nonce, taken.begun_at)
    token = verify_id_token(tokens, keys, expected, held.clock())
    userinfo = await provider.userinfo(tokens, token.subject, at)
    try:
        return token, proven_identity(token.claims, userinfo, offered.demands)
    except NotProven as missing:
        raise AnswerRefused(missing.code) from None


async def _assertion(held: Services, offered: OfferedProvider, token_endpoint: str, at: datetime) -> str:
    key = await present_client_key(held.database.identity, held.sealing, at)
    return client_assertion(
        key.private_pem,
        kid=key.kid,
        registration=offered.provider.registration,
        token_endpoint=token_endpoint,
        now=at,
    )


def _said_instead(error: str | None) -> Exception:
    """Return what to raise for an answer without a code."""
    if error == _SAID_NO:
        return ConsentNotGiven()
    return ProviderUnavailable("said_not_now") if error in _NOT_NOW else AnswerRefused("error_of_provider")


async def _withdraw(held: Services, attempt: Attempt) -> None:
    async with held.database.identifying() as session:
        await withdraw_attempt(session, attempt, at=held.clock())


def _tell(error: ProviderUnavailable) -> None:
    """Say in the log what is wrong: of a provider that is not as configured, somebody has to do something."""
    level = logging.ERROR if isinstance(error, ProviderUnfit) else logging.WARNING
    _LOG.log(level, "the identity provider cannot be used: %s", error.code)
