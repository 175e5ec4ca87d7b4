"""The application: routers, edge and services wired together. Everything it needs arrives as settings."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import fields
from functools import partial

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from api.budgets import Budgets
from api.console_files import mount_pages
from api.deps import NoticeWays, Services
from api.description import describe
from api.edge import EdgeValues, install_edge
from api.identity_provider import OfferedProvider
from api.key_check import KeyCheck
from api.key_ring import KeyRing
from api.last_seen import LastSeen
from api.limits import BodyLimit
from api.links import Links
from api.live.feed import Feed
from api.log_lines import describe as describe_error
from api.metrics import NodeMetrics
from api.passwords import Passwords
from api.response_headers import is_over_tls
from api.routes import (
    access_log,
    accounts,
    action_plans,
    alerts,
    board,
    break_glass,
    care_homes,
    care_plans,
    care_teams,
    caring,
    changes,
    consents,
    contacts,
    delegates,
    diary,
    factors,
    feedback,
    goals,
    health,
    invitations,
    live,
    me,
    notifications,
    numbers,
    observations,
    organisations,
    outcomes,
    own_exports,
    passkeys,
    password_resets,
    pathways,
    patients,
    pauses,
    plan_questions,
    plan_reviews,
    plan_templates,
    privacy,
    provider,
    questionnaires,
    residences,
    rights_requests,
    sessions,
    sign_in,
    time_zones,
    today,
    vital_signs,
    webhooks,
    well_known,
)
from api.settings import Settings, read_settings
from api.traced import TracedRequests, close_tracer, opened_tracer, traced_databases
from domain.accounts.passkey_ceremony import RelyingParty
from domain.accounts.sign_in import FactorRule
from domain.clock import Clock, utc_now
from domain.keys.sealing import CannotUnseal, Sealing
from domain.outcomes import contact_import
from integrations.identity.client import Provider
from integrations.postgres.client import Database
from integrations.postgres.roles import Databases, why_unusable
from integrations.webhooks.client import Caller

VERSION = "0.1.0"
_LOG = logging.getLogger("tendwell.start")
DESCRIPTION = """Self-care and telehealth: patients record vital signs, clinicians see them live, commissioners see
honest outcomes. Errors are RFC 9457 problem details. The live feed is a websocket: see docs/live-protocol.md."""
# A file of contacts may take a slow line two minutes; the little beyond lets the route itself say what is too long.
FILE_LIMITS = {"/v1/contacts/imports": BodyLimit(max_bytes=contact_import.MAX_BYTES + 64 * 1024, max_seconds=120)}
# The framework would tell paths, queries and headers, as soon as a variable of the environment names a collector.
UNTRACED = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)
# The busiest first: a request is held against one route after another, at a microsecond each.
NOUNS = (
    observations,
    board,
    live,
    sessions,
    patients,
    today,
    goals,
    numbers,
    action_plans,
    plan_templates,
    care_plans,
    diary,
    pauses,
    time_zones,
    plan_questions,
    plan_reviews,
    alerts,
    questionnaires,
    vital_signs,
    sign_in,
    provider,
    password_resets,
    factors,
    passkeys,
    invitations,
    me,
    notifications,
    access_log,
    own_exports,
    rights_requests,
    privacy,
    organisations,
    accounts,
    residences,
    care_homes,
    care_teams,
    changes,
    caring,
    delegates,
    consents,
    break_glass,
    pathways,
    contacts,
    outcomes,
    webhooks,
    feedback,
    health,
    well_known,
)


def create_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """Return the application, which connects to nothing before it is started.

    Its start raises UnsupportedServer for a database that would show too much or, in production, forget what it was
    told, and for stored secrets that do not open. One whose database is away, or not migrated yet, starts all the same:
    /health/ready says why it is not ready. Each connection is looked at before it is used, and at the first over
    accounts whether the key opens what is stored; not again after that.
    """
    held = _services(settings, clock)
    telling = traced_databases(held.database, held.tracer, "live.telling")
    feed = Feed(telling, clock, doorbell_url=_nats_url(settings), is_used=held.last_seen.note)
    _measure(held, feed)

    app = FastAPI(
        title="Tendwell",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=_lifespan(held, feed),
        redirect_slashes=False,
        docs_url=None,  # the framework's page loads scripts from another site
        openapi_url="/openapi.json" if settings.environment == "demo" else None,
        redoc_url=None,
        telemetry=UNTRACED,
    )
    app.state.services, app.state.feed = held, feed
    _route(app)
    mount_pages(app, settings.console_dir)
    install_edge(app, _edge_values(settings, held))
    if held.tracer is not None:
        app.add_middleware(TracedRequests, tracer=held.tracer)
    describe(app)
    return app


def _lifespan(held: Services, feed: Feed) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    database = held.database

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if (reason := await why_unusable(database.each())) is not None:
            _LOG.warning("the database cannot be used yet: %s", describe_error(reason))
        await _open_keys(held)
        async with held.last_seen.written_to(database.identity), feed.running():
            yield
        held.passwords.close()
        await database.close()
        await close_tracer(held.tracer)

    return lifespan


def _route(app: FastAPI) -> None:
    # As they are: `include_router` would work out each anew at every start, and look one level deeper at every request.
    for noun in NOUNS:
        app.router.routes += noun.router.routes


def _services(settings: Settings, clock: Clock) -> Services:
    url, limits = settings.database_url.get_secret_value(), settings.database_limits("tendwell-api")
    sealing = Sealing.of(settings.encryption_key.get_secret_value())
    check = KeyCheck(url, limits, sealing)
    tracer = opened_tracer(settings.traces, "tendwell-api", settings.traces_share)
    database = Databases.at(url, limits, strictly=settings.environment == "production", also=check.admit)
    return Services(
        database=traced_databases(database, tracer),
        clock=clock,
        key_check=check,
        keys=KeyRing(sealing, issuer=settings.public_url),
        sealing=sealing,
        last_seen=LastSeen(),
        passwords=Passwords(),
        refresh_secret=settings.refresh_secret.get_secret_value().encode(),
        cursor_secret=settings.cursor_secret.get_secret_value().encode(),
        allowed_origins=settings.origins,
        test_numbers=settings.environment != "production",
        factor_rule=FactorRule(settings.second_factor),
        budgets=Budgets(settings.rates),
        caller=Caller(loopback=settings.webhook_loopback),
        links=Links(settings.public_url),
        relying_party=RelyingParty.of(settings.public_url, settings.allowed_origins),
        privacy=settings.privacy_notice,
        metrics=NodeMetrics(),
        notices=_notice_ways(settings),
        offered_provider=_offered_provider(settings),
        tracer=tracer,
    )


def _measure(held: Services, feed: Feed) -> None:
    """Have read, whenever somebody asks, what is to be counted only then."""
    metrics, watching = held.metrics, feed.subscriptions
    metrics.gauge(
        "tendwell_feed_blind_seconds", "For how long this node has not known what happened.", feed.blind_seconds
    )
    metrics.gauge("tendwell_live_watchers", "Live sockets that watch.", lambda: watching.watches)
    metrics.gauge(
        "tendwell_live_fullest_inbox", "Events that wait for the slowest live client.", lambda: watching.waiting
    )
    metrics.gauge(
        "tendwell_recording_waiting", "Posts that wait for a commit to share.", lambda: held.recording.waiting
    )
    metrics.gauge(
        "tendwell_callers_waiting", "Requests that wait for a look at their sessions.", lambda: held.callers.waiting
    )
    metrics.gauge("tendwell_reads_waiting", "Reads of records that wait for a turn.", lambda: held.reads.waiting)
    databases = {each.name: getattr(held.database, each.name) for each in fields(held.database)}
    pools = {name: partial(_in_use, each) for name, each in databases.items()}
    metrics.gauges("tendwell_database_connections", "Connections in use, of each role's pool.", "role", pools)
    turns = {name: partial(_turns_in_use, each) for name, each in databases.items()}
    metrics.gauges("tendwell_database_turns", "Connections in use beside the pool, in each role.", "role", turns)


def _in_use(pool: Database) -> float:
    return pool.in_use


def _turns_in_use(database: Database) -> float:
    return database.turns_in_use


def _edge_values(settings: Settings, held: Services) -> EdgeValues:
    over_tls = is_over_tls(settings.public_url)
    return EdgeValues(
        settings.allowed_origins,
        file_limits=FILE_LIMITS,
        over_tls=over_tls,
        budgets=held.budgets,
        metrics=held.metrics,
    )


def _notice_ways(settings: Settings) -> NoticeWays:
    has_letters, sender = settings.smtp_url is not None or settings.mail_dir is not None, settings.web_push_sender
    return NoticeWays(settings.channels(letters=has_letters), None if sender is None else sender.public_key)


def _offered_provider(settings: Settings) -> OfferedProvider | None:
    configured = settings.identity_provider
    if configured is None:
        return None
    registration, demands = configured
    return OfferedProvider(settings.oidc_name, demands, Provider(registration))


async def _open_keys(held: Services) -> None:
    """Make the first key of a new installation; raise CannotUnseal when another process just made it with another."""
    try:
        await held.keys.current(held.database.identity, held.clock())
    except CannotUnseal:
        raise
    except Exception as error:  # noqa: BLE001 - readiness tells what it is; each request meets it again
        _LOG.warning("the signing keys cannot be read yet: %s", describe_error(error))


def _nats_url(settings: Settings) -> str | None:
    return None if settings.nats_url is None else settings.nats_url.get_secret_value()


def application() -> FastAPI:
    """Return the application for `uvicorn --factory`, its settings read from the environment."""
    return create_app(read_settings())
