"""What the operator decides, read once from TENDWELL_… variables and handed on as values.

A secret may stand in a file instead: TENDWELL_CURSOR_SECRET_FILE=/run/secrets/cursor. Refuses to start with a secret
that is missing, short or well known. Only the entry points (`__main__`, the app factory, the worker) read this.
"""

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from api.budgets import Rates
from api.notification_settings import NotificationSettings
from api.privacy_settings import PrivacySettings
from api.secret_strength import require_random
from domain.accounts.password_rules import common_passwords
from domain.people.nhs_login import DEFAULT_VECTORS, Demands, require_strong
from domain.rights.lawful_basis import PrivacyNotice, privacy_notice
from integrations.identity.errors import ProviderUnfit
from integrations.identity.registration import Registration
from integrations.mail.client import UNPROTECTED, read_server
from integrations.postgres.client import driver_url
from integrations.postgres.limits import Limits

PREFIX = "TENDWELL_"
# A network of proxies that is wider than this is everybody: bits of the prefix, IPv4 and IPv6.
_WIDEST_OF_PROXIES = {4: 8, 6: 32}
_WELL_KNOWN_PASSWORDS = frozenset({"", "admin", "changeme", "password", "postgres", "secret", "tendwell"})
_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")
_SENDER = re.compile(r"[^<>@\s]+@[^<>@\s]+|[^<>@\r\n]+ <[^<>@\s]+@[^<>@\s]+>")

LogFormat = Literal["plain", "json"]
Environment = Literal["demo", "production"]
Read = TypeVar("Read", bound=BaseSettings)


class SettingsRefused(Exception):
    """What the operator gave is missing, unreadable or too weak to start with."""


class _FilesSource(EnvSettingsSource):
    """Values that stand in the files which TENDWELL_<NAME>_FILE names (several, separated by commas, are joined)."""

    def get_field_value(self, _field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the text of the files named for this field, or None."""
        paths = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if not paths:
            return None, field_name, False
        return "\n".join(Path(path.strip()).read_text().strip() for path in paths.split(",")), field_name, False


class DatabaseSettings(BaseSettings):
    """What a command needs that only reaches the database.

    `owner_database_url`: the login that owns the tables, for `migrate` and `retention` alone. Without it the service's
    own login does that too, which production refuses.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    database_url: SecretStr
    owner_database_url: SecretStr | None = None
    log_format: LogFormat = "plain"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        *_others: PydanticBaseSettingsSource,
        **by_name: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from: the constructor, then variables, then files."""
        return by_name["init_settings"], by_name["env_settings"], _FilesSource(settings_cls)

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            driver_url(value.get_secret_value())
        return value


class KeySettings(DatabaseSettings):
    """What a command needs that makes or changes stored keys."""

    encryption_key: SecretStr

    @field_validator("encryption_key")
    @classmethod
    def _each_strong(cls, value: SecretStr) -> SecretStr:
        for secret in value.get_secret_value().split() or [""]:
            require_random(secret)
        return value


class Settings(NotificationSettings, KeySettings):
    """Everything that differs between one installation and another."""

    environment: Environment = "production"
    public_url: str = "http://127.0.0.1:8080"
    # Other web pages' origins that may call the API and open a live socket.
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: str = "127.0.0.1"
    console_dir: Path = Path("console/dist")
    second_factor: Literal["required_for_staff", "when_enrolled"] = "required_for_staff"
    checkpoint_dir: Path | None = None

    # How much one account, or one address without one, may ask of one process in a minute; 0: as much as it likes.
    rate_reads: int = Field(default=3_000, ge=0)
    rate_writes: int = Field(default=3_000, ge=0)
    rate_readings: int = Field(default=120_000, ge=0)
    rate_exports: int = Field(default=60, ge=0)
    rate_address: int = Field(default=1_200, ge=0)

    # For tests: webhooks may be plain http, and lead to this very machine.
    webhook_loopback: bool = False

    pool_size: int = Field(default=10, ge=1, le=100)
    pool_overflow: int = Field(default=10, ge=0, le=100)
    statement_timeout_ms: int = Field(default=10_000, ge=100, le=600_000)
    idle_in_transaction_timeout_ms: int = Field(default=15_000, ge=100, le=600_000)
    # An identity provider (OpenID Connect) by which patients sign in: issuer and client id, or nothing of it.
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_name: str = "NHS login"
    oidc_scopes: str = "openid profile"
    oidc_vectors: str = " ".join(DEFAULT_VECTORS)
    oidc_trustmark: str | None = None
    oidc_algorithm: Literal["RS512", "RS384", "RS256", "ES512", "ES384", "ES256"] = "RS512"
    oidc_redirect_uri: str | None = None
    oidc_hosts: Annotated[tuple[str, ...], NoDecode] = ()

    nats_url: SecretStr | None = None
    # Where traces are told, over OTLP/HTTP, and of how much of all that begins.
    traces: str | None = None
    traces_share: float = Field(default=1.0, gt=0, le=1)
    # Where the worker tells its figures: HOST:PORT.
    worker_metrics: str | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = "Tendwell <no-reply@localhost>"
    # Without a mail server letters are written here, for trying things out.
    mail_dir: Path | None = None
    privacy: PrivacySettings | None = None

    refresh_secret: SecretStr
    cursor_secret: SecretStr

    @field_validator("allowed_origins", "oidc_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url", "allowed_origins")
    @classmethod
    def _origins(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for url in (value,) if isinstance(value, str) else value:
            parts = urlsplit(url)
            more = (parts.username, parts.password, parts.query, parts.fragment)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or any(more):
                raise ValueError("must be scheme://host[:port] without a path, a name, a query or a fragment")
        return value.rstrip("/") if isinstance(value, str) else tuple(url.rstrip("/") for url in value)

    @field_validator("traces")
    @classmethod
    def _collector(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        more = (parts.username, parts.password, parts.query, parts.fragment)
        if parts.scheme not in {"http", "https"} or not parts.hostname or any(more):
            raise ValueError("must be http(s)://host[:port][/path] without a name, a query or a fragment")
        if find_spec("opentelemetry.sdk") is None:
            raise ValueError("needs the packages of the extra 'traces' of pyproject.toml")
        return value if parts.path.strip("/") else f"{value.rstrip('/')}/v1/traces"

    @field_validator("worker_metrics")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is not None and not _HOST_AND_PORT.fullmatch(value):
            raise ValueError("must be HOST:PORT")
        return value

    @field_validator("refresh_secret", "cursor_secret")
    @classmethod
    def _strong(cls, value: SecretStr) -> SecretStr:
        require_random(value.get_secret_value())
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_server(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if not _SENDER.fullmatch(value):
            raise ValueError("must be an address, or a name with one: Tendwell <no-reply@example.org>")
        return value

    @model_validator(mode="after")
    def _hangs_together(self) -> "Settings":
        unfit = self._unfit_for_production() if self.environment == "production" else ()
        if faults := [*self._alike(), *unfit]:
            raise ValueError("\n".join(faults))
        return self

    def _alike(self) -> Iterator[str]:
        refresh, cursor = self.refresh_secret.get_secret_value(), self.cursor_secret.get_secret_value()
        texts = [refresh.strip(), cursor.strip(), *self.encryption_key.get_secret_value().split()]
        if len(set(texts)) < len(texts):
            yield f"{PREFIX}ENCRYPTION_KEY, REFRESH_SECRET and CURSOR_SECRET must each be another secret"

    def _unfit_for_production(self) -> Iterator[str]:
        if self.webhook_loopback:
            yield f"{PREFIX}WEBHOOK_LOOPBACK is for tests: webhooks must not reach inside in production"
        if not self.public_url.startswith("https://"):
            yield f"{PREFIX}PUBLIC_URL must start with https:// in production"
        if self.second_factor != "required_for_staff":
            yield f"{PREFIX}SECOND_FACTOR must be required_for_staff in production"
        if self.smtp_url is None or self.smtp_url.get_secret_value().startswith(UNPROTECTED):
            yield f"{PREFIX}SMTP_URL must name a mail server with TLS in production: smtps:// or smtp://"
        if _has_known_password(self.database_url.get_secret_value()):
            yield f"{PREFIX}DATABASE_URL has a well-known password, or its login's name for one"
        if any(url.startswith("http://") for url in self.allowed_origins):
            yield f"{PREFIX}ALLOWED_ORIGINS must start with https:// in production"
        if not all(_is_a_proxy(each.strip()) for each in self.trusted_proxies.split(",")):
            yield f"{PREFIX}TRUSTED_PROXIES must name your proxies: addresses or networks, not everybody"

    @model_validator(mode="after")
    def _provider_is_whole(self) -> "Settings":
        given = [name for name in self.model_fields_set if name.startswith("oidc_")]
        if not given:
            return self
        if not self.oidc_issuer or not self.oidc_client_id:
            raise ValueError(f"{PREFIX}OIDC_ISSUER and OIDC_CLIENT_ID go together, and no other OIDC_… without them")
        require_strong(tuple(self.oidc_vectors.split()))
        if not {"openid", "profile"} <= set(self.oidc_scopes.split()):
            raise ValueError(f"{PREFIX}OIDC_SCOPES must have openid and profile: the NHS number comes with them")
        back = urlsplit(self.oidc_redirect_uri or self.public_url)
        if back.scheme not in {"https", "http"} or (self.environment == "production" and back.scheme != "https"):
            raise ValueError(f"{PREFIX}OIDC_REDIRECT_URI must start with https:// in production")
        try:
            self._registration()
        except ProviderUnfit:
            raise ValueError(f"{PREFIX}OIDC_ISSUER must be an https:// address, without query or fragment") from None
        return self

    @property
    def identity_provider(self) -> tuple[Registration, Demands] | None:
        """Return how we are registered with the identity provider, and what it must prove; None without one."""
        if self.oidc_issuer is None:
            return None
        host = urlsplit(self.oidc_issuer).hostname
        trustmark = self.oidc_trustmark or f"{self.oidc_issuer.rstrip('/')}/trustmark/{host}"
        vectors = tuple(self.oidc_vectors.split())
        return self._registration(), Demands(vectors, trustmark, test_numbers=self.environment != "production")

    def _registration(self) -> Registration:
        return Registration(
            issuer=self.oidc_issuer or "",
            client_id=self.oidc_client_id or "",
            redirect_uri=self.oidc_redirect_uri or f"{self.public_url}/console/signed-in",
            scopes=tuple(self.oidc_scopes.split()),
            vectors=tuple(self.oidc_vectors.split()),
            algorithm=self.oidc_algorithm,
            hosts=frozenset(self.oidc_hosts),
            loopback=self.environment != "production",
        )

    @property
    def privacy_notice(self) -> PrivacyNotice:
        """Return what people are told about their data; without a setting, what is proposed, of no named controller."""
        return privacy_notice(None, {}) if self.privacy is None else self.privacy.notice()

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the web origins that may open a live socket, our own included."""
        return (self.public_url, *self.allowed_origins)

    @property
    def rates(self) -> Rates:
        """Return how much may be asked in a minute."""
        return Rates(self.rate_reads, self.rate_writes, self.rate_readings, self.rate_exports, self.rate_address)

    @property
    def worker_metrics_address(self) -> tuple[str, int] | None:
        """Return the host and port where the worker tells its figures; None: nowhere."""
        if self.worker_metrics is None:
            return None
        host, _, port = self.worker_metrics.rpartition(":")
        return host.strip("[]"), int(port)

    def database_limits(self, application_name: str) -> Limits:
        """Return the pool and server limits of one process."""
        return Limits(
            pool_size=self.pool_size,
            pool_overflow=self.pool_overflow,
            statement_timeout_ms=self.statement_timeout_ms,
            idle_in_transaction_timeout_ms=self.idle_in_transaction_timeout_ms,
            application_name=application_name,
        )


def _has_known_password(database_url: str) -> bool:
    parts = urlsplit(database_url)
    login, *given = [None if part is None else unquote(part) for part in (parts.username, parts.password)]
    asked = parse_qs(parts.query, keep_blank_values=True)
    names = {"", *(name.lower() for name in (login, *asked.get("user", ())) if name)}
    passwords = {each.lower() for each in (*given, *asked.get("password", ())) if each is not None}
    return bool(passwords & (names | _WELL_KNOWN_PASSWORDS | common_passwords()))


def _is_a_proxy(text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST_OF_PROXIES[network.version]


def read_settings() -> Settings:
    """Return the settings of this process. Raises SettingsRefused, which names variables but never repeats a value."""
    return _read(Settings)


def read_owner_url() -> str:
    """Return the URL of whoever owns the tables. Raises SettingsRefused."""
    read = _read(DatabaseSettings)
    return (read.owner_database_url or read.database_url).get_secret_value()


def read_database_url() -> str:
    """Return the database's URL alone, without asking for the secrets of the service. Raises SettingsRefused."""
    return _read(DatabaseSettings).database_url.get_secret_value()


def read_log_format() -> LogFormat:
    """Return how lines are to look, plain where what was set is neither, which other settings then say."""
    return "json" if os.environ.get(f"{PREFIX}LOG_FORMAT") == "json" else "plain"


def read_key_settings() -> KeySettings:
    """Return what a command on keys needs. Raises SettingsRefused."""
    return _read(KeySettings)


def _read(kind: type[Read]) -> Read:
    try:
        return kind()
    except ValidationError as error:
        raise SettingsRefused("\n".join(_told(fault) for fault in error.errors(include_input=False))) from None
    except SettingsError as error:
        raise SettingsRefused(f"{error}: {error.__cause__}") from error


def _told(fault: ErrorDetails) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    name = "_".join(str(part) for part in fault["loc"]).upper()
    return f"{PREFIX}{name} {message}" if name else message
