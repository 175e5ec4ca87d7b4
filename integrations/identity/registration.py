"""How we are registered with an identity provider, and where it may be found. Pure.

Only the issuer's own host, and those that the operator has named besides, are ever talked to or sent to: the provider's
own documents cannot lead anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations.identity.errors import ProviderUnfit

# What python-jose verifies, and what a provider may be said to sign with. Never a symmetric one, never "none".
ALGORITHMS = ("RS512", "RS384", "RS256", "ES512", "ES384", "ES256")
CLIENT_ALGORITHM = "RS512"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_GREATEST_URL = 2_000


@dataclass(frozen=True, slots=True)
class Registration:
    """Who we are to the provider, what we ask it for, and what its ID tokens are signed with.

    `hosts`: others than the issuer's own, where its endpoints may be. `loopback`: also http on this machine, for tests.
    """

    issuer: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    vectors: tuple[str, ...]
    algorithm: str
    hosts: frozenset[str] = frozenset()
    loopback: bool = False

    def __post_init__(self) -> None:
        """Raise ProviderUnfit for an issuer that cannot be one."""
        self.require_ours(self.issuer)
        if "?" in self.issuer:
            raise ProviderUnfit("url_malformed")

    @property
    def discovery_url(self) -> str:
        """Return where the provider describes itself (OpenID Connect Discovery 1.0, section 4)."""
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"

    def require_ours(self, url: object) -> str:
        """Return the address if it may be talked to. Raises ProviderUnfit."""
        if not isinstance(url, str) or len(url) > _GREATEST_URL or not url.isascii() or not url.isprintable():
            raise ProviderUnfit("url_malformed")
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise ProviderUnfit("url_malformed") from None
        if "@" in parts.netloc or "#" in url or "\\" in url or " " in url:
            raise ProviderUnfit("url_malformed")
        may_be_plain = self.loopback and parts.scheme == "http" and host in _LOOPBACK
        if parts.scheme != "https" and not may_be_plain:
            raise ProviderUnfit("url_not_https")
        if host != urlsplit(self.issuer).hostname and host not in self.hosts:
            raise ProviderUnfit("url_of_another_host")
        return url
