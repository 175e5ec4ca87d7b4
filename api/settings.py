"""What the operator decides, read once from TENDWELL_… variables and handed on as values.

A secret may stand in a file instead: TENDWELL_CURSOR_SECRET_FILE=/run/secrets/cursor. Refuses to start with a secret
that is missing, short or well known. Only the entry points (`__main__`, the app factory, the worker) read this.
"""

import base64
import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
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

from integrations.postgres.client import Limits, driver_url

PREFIX = "TENDWELL_"
LEAST_SECRET_LENGTH = 32
_FEWEST_DIFFERENT_CHARACTERS = 10
_WELL_KNOWN_PASSWORDS = frozenset({"", "admin", "changeme", "password", "postgres", "secret", "tendwell"})
_PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----\n?", re.DOTALL)

Environment = Literal["demo", "production"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One ES256 key. `kid` is its RFC 7638 thumbprint; a key without a private half only verifies."""

    kid: str
    public_pem: str
    private_pem: str | None


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
    """What a command needs that only reaches the database."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    database_url: SecretStr

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        *_others: PydanticBaseSettingsSource,
        **by_name: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from: the constructor, then variables, then files."""
        return by_name["init_settings"], by_name["env_settings"], _FilesSource(settings_cls)

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr) -> SecretStr:
        driver_url(value.get_secret_value())
        return value


class Settings(DatabaseSettings):
    """Everything that differs between one installation and another."""

    environment: Environment = "production"
    public_url: str = "http://127.0.0.1:8080"
    # Other web pages' origins that may call the API and open a live socket.
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: str = "127.0.0.1"
    log_format: Literal["plain", "json"] = "plain"
    console_dir: Path = Path("console/dist")

    pool_size: int = Field(default=10, ge=1, le=100)
    pool_overflow: int = Field(default=10, ge=0, le=100)
    statement_timeout_ms: int = Field(default=10_000, ge=100, le=600_000)
    idle_in_transaction_timeout_ms: int = Field(default=15_000, ge=100, le=600_000)
    nats_url: SecretStr | None = None

    signing_key: SecretStr
    refresh_secret: SecretStr
    cursor_secret: SecretStr

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url", "allowed_origins")
    @classmethod
    def _origins(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for url in (value,) if isinstance(value, str) else value:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
                raise ValueError("must be scheme://host[:port] without a path")
        return value.rstrip("/") if isinstance(value, str) else tuple(url.rstrip("/") for url in value)

    @field_validator("refresh_secret", "cursor_secret")
    @classmethod
    def _strong(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if len(text) < LEAST_SECRET_LENGTH or len(set(text)) < _FEWEST_DIFFERENT_CHARACTERS:
            raise ValueError(f"must be at least {LEAST_SECRET_LENGTH} random characters")
        return value

    @field_validator("signing_key")
    @classmethod
    def _signs(cls, value: SecretStr) -> SecretStr:
        keys = read_signing_keys(value.get_secret_value())
        if not keys or keys[0].private_pem is None:
            raise ValueError("must be PEM with an EC P-256 private key first; further keys only verify")
        return value

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        if self.environment != "production":
            return self
        if not self.public_url.startswith("https://"):
            raise ValueError(f"{PREFIX}PUBLIC_URL must start with https:// in production")
        password = urlsplit(self.database_url.get_secret_value()).password
        if password is not None and password.lower() in _WELL_KNOWN_PASSWORDS:
            raise ValueError(f"{PREFIX}DATABASE_URL has a well-known password")
        return self

    @cached_property
    def signing_keys(self) -> tuple[SigningKey, ...]:
        """Return the keys: the first signs, all verify."""
        return read_signing_keys(self.signing_key.get_secret_value())

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the web origins that may open a live socket, our own included."""
        return (self.public_url, *self.allowed_origins)

    def database_limits(self, application_name: str) -> Limits:
        """Return the pool and server limits of one process."""
        return Limits(
            pool_size=self.pool_size,
            pool_overflow=self.pool_overflow,
            statement_timeout_ms=self.statement_timeout_ms,
            idle_in_transaction_timeout_ms=self.idle_in_transaction_timeout_ms,
            application_name=application_name,
        )


def read_settings() -> Settings:
    """Return the settings of this process. Raises SettingsRefused, which names variables but never repeats a value."""
    return _read(Settings)


def read_database_url() -> str:
    """Return the database's URL alone, without asking for the secrets of the service. Raises SettingsRefused."""
    return _read(DatabaseSettings).database_url.get_secret_value()


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


def read_signing_keys(pem: str) -> tuple[SigningKey, ...]:
    """Return the ES256 keys in a PEM text, in order. Raises ValueError for anything but EC P-256 keys."""
    return tuple(_signing_key(block.group(0).encode(), block.group(1)) for block in _PEM_BLOCK.finditer(pem))


def _signing_key(pem: bytes, label: str) -> SigningKey:
    private = serialization.load_pem_private_key(pem, password=None) if "PRIVATE" in label else None
    public = private.public_key() if private else serialization.load_pem_public_key(pem)
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ValueError("must hold EC P-256 keys only")
    text = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return SigningKey(kid=_thumbprint(public), public_pem=text, private_pem=pem.decode() if private else None)


def _thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return the RFC 7638 thumbprint: the hash of the key's required JWK members, in order, without spaces."""
    numbers = key.public_numbers()
    jwk = {
        "crv": "P-256",
        "kty": "EC",
        "x": _base64url(numbers.x.to_bytes(32)),
        "y": _base64url(numbers.y.to_bytes(32)),
    }
    return _base64url(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
