"""Which addresses may be called: https, a host's name, port 443, and nothing that leads back inside. Pure.

A name is judged twice, when it is registered and by what it resolves to at every call: see `client.py`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations.webhooks.errors import TargetRefused

GREATEST_LENGTH = 500
_HTTPS_PORT = 443
# Labels of letters, digits and hyphens; the last one has a letter, or it would be an address written as a number.
_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "alt", "invalid")
_WRITTEN = re.compile(r"[!-~]+")

# Of IPv6 nothing else is given to anybody yet; every disguise (mapped, NAT64) and every private address is outside it.
_GIVEN_V6 = ipaddress.IPv6Network("2000::/3")
# The IANA special-purpose address registries, whole, as of 2025: what a Python knows of them depends on its age (3.11.7
# takes all of 192.0.0.0/24 but three for public, and one of those is a cloud's metadata). Refused also where the
# registry calls them globally reachable: nobody's webhook lives at a protocol's own address.
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by a carrier's customers; one cloud's metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; another cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
        "168.63.129.16/32",  # in no registry: a cloud's metadata and DNS, at a public address
        "2001::/23",  # protocol assignments, Teredo among them: an IPv4 address in disguise
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where to call: scheme, host, port, and the path with its query."""

    scheme: str
    host: str
    port: int
    path: str


def read_target(url: str, *, loopback: bool = False) -> Target:
    """Return the target that a URL names. Raises TargetRefused.

    `loopback`: also http, any port, and this machine's own addresses; for tests.
    """
    if len(url) > GREATEST_LENGTH or not _WRITTEN.fullmatch(url) or "\\" in url:
        raise TargetRefused("url_malformed", "The address must be up to 500 visible ASCII characters.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise TargetRefused("url_malformed", "This is no address.") from None
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise TargetRefused("not_https", "The address must begin with https://.")
    if "@" in parts.netloc or "#" in url:
        raise TargetRefused("url_malformed", "The address must have no user name, password or fragment.")
    if port not in {None, _HTTPS_PORT} and not loopback:
        raise TargetRefused("port_not_allowed", "Only port 443 is called.")
    _require_name(host, loopback=loopback)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (_HTTPS_PORT if parts.scheme == "https" else 80), path)


def _require_name(host: str, *, loopback: bool) -> None:
    if loopback and host in {"127.0.0.1", "::1", "localhost"}:
        return
    last = host.rpartition(".")[2]
    if not _NAME.fullmatch(host) or _NUMBER.fullmatch(last):
        raise TargetRefused("not_a_host_name", "Name a host, not an address in numbers.")
    if any(host == inside or host.endswith(f".{inside}") for inside in _INSIDE):
        raise TargetRefused("not_reachable_from_outside", "This host cannot be reached from outside.")


def is_public(address: Address, *, loopback: bool = False) -> bool:
    """Return whether an address is somewhere outside, and is what it looks like."""
    if loopback and address.is_loopback:
        return True
    if isinstance(address, ipaddress.IPv6Address) and address not in _GIVEN_V6:
        return False
    # A younger Python may know of more.
    return address.is_global and not any(address in each for each in _SPECIAL if each.version == address.version)
