"""`python -m tests.supply_chain.licences`: writes docs/licences.md, every locked package under its licence.

What a package says of itself is taken from its installed metadata, or from npm's lock; what it says unclearly was read
by a person, and stands in READ. A licence that is not in ALLOWED fails the build.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

from license_expression import ExpressionError, Licensing, get_spdx_licensing

from tests.supply_chain.locks import ROOT, Locked, npm_packages, python_packages

LIST = ROOT / "docs" / "licences.md"

# SPDX's short names. Those that ask for no more than to be named with what is passed on, and one that asks for more:
# MPL-2.0 covers its own files alone, which are used unchanged, and lets what stands beside them have another licence.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Python-2.0",
        "Zlib",
    }
)
# What packages say that do not use SPDX's names, when it can mean one licence only.
SAID: Mapping[str, str] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
# Read by a person in the package's own files, because it says "BSD", or too much, or is not installed on Linux.
READ: Mapping[str, str] = {
    "colorama": "BSD-3-Clause",
    "fhir-core": "BSD-3-Clause",
    "fhir-resources": "BSD-3-Clause",
    "libpass": "BSD-3-Clause",
    "pyasn1-modules": "BSD-2-Clause",
    "scipy": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}

_HEAD = """# Licences of what Tendwell is made of

Written by `make licences` from the lock files; a test fails when it is not what they say, and when a licence is not one
of those that are allowed. Tendwell itself is under the [Apache License 2.0](../LICENSE).

**Allowed** are {allowed}.
**Not allowed** are the GPL and the AGPL, for they would ask the same of whoever builds on Tendwell, and every licence
that is not named here, until somebody has read it and added it with a reason.

- **MPL-2.0** is allowed: it covers its own files alone, and we change none of them. What is passed on with it is the
  package as its makers published it.
- **LGPL**: no package is under it. One would be allowed only as a tool that no installation contains, by a line here.
- **Inside wheels**: the wheels of NumPy and SciPy carry GCC's runtime libraries (libgfortran, GPL-3.0-or-later *with*
  the GCC Runtime Library Exception, and libquadmath, LGPL-2.1-or-later) as files of their own beside the module,
  unchanged. The exception lets programs of any licence use the first; the second may be replaced by the user, for it is
  loaded at run time. The wheel of PostgreSQL, for `make run`, holds PostgreSQL under its own licence, like MIT's, and
  stays out of container images. What those build on (Debian, Python, nginx, NATS, PostgreSQL) their makers list.
- **In the repository itself**: the list of common passwords (MIT, `domain/accounts/common_passwords/NOTICE.md`) and the
  demonstration's data, each under the licence beside it in `demo/data/`.

*In the service* is what an installation contains: the others build, test or try it out.
"""
_TABLE = "\n## {heading}\n\n| package | version | licence | in the service |\n|---|---|---|---|\n"


class UnclearLicence(Exception):
    """A package does not say under which licence it is, or says it so that a person has to read it."""


def licence_of(package: Locked) -> str:
    """Return a package's licence as an SPDX expression. Raises UnclearLicence."""
    if package.licence is not None:
        return package.licence.strip("()")
    if package.name in READ:
        return READ[package.name]
    try:
        said = metadata(package.name)
    except PackageNotFoundError:
        return _written(package)
    words = [" ".join(word.split()) for name in ("License-Expression", "License") for word in said.get_all(name) or []]
    words += [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    for word in words:
        licence = SAID.get(word, word)
        if licence and names(licence):
            return licence
    raise UnclearLicence(f"{package.name} says {words}: read its licence and add it to READ")


@cache  # reading SPDX's list takes a fifth of a second
def _spdx() -> Licensing:
    return get_spdx_licensing()


def names(expression: str) -> frozenset[str]:
    """Return the licences that an SPDX expression names; none if it is no such expression."""
    try:
        parsed = _spdx().parse(expression, validate=True)
    except ExpressionError:
        return frozenset()
    return frozenset() if parsed is None else frozenset(symbol.key for symbol in parsed.symbols)


def is_allowed(expression: str) -> bool:
    """Return whether this expression can be kept to with what is allowed: every part of AND, any part of OR."""
    try:
        parsed = _spdx().parse(expression, validate=True, strict=True, simple=True)
    except ExpressionError:
        return False
    return parsed is not None and bool(_holds(parsed))


def _holds(part: object) -> bool:
    arguments = getattr(part, "args", ())
    if not arguments:
        return getattr(part, "key", "") in ALLOWED
    held = [_holds(argument) for argument in arguments]
    return any(held) if type(part).__name__ == "OR" else all(held)


def _written(package: Locked) -> str:
    """Return what the list says already of a package that is for other systems and so cannot be asked here."""
    if package.key not in _known():
        raise UnclearLicence(f"{package.name} is not installed here, and the list does not know it: add it to READ")
    return _known()[package.key]


@cache
def _known() -> dict[tuple[str, str, str], str]:
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {("pypi", row[0], row[1]): row[2] for row in rows if len(row) == 4}


def the_list() -> str:
    """Return docs/licences.md as it should be."""
    text = _HEAD.format(allowed=", ".join(sorted(ALLOWED)))
    for heading, packages in (
        ("Python", python_packages()),
        ("npm: the console, the tests' OpenID provider, and the linter of openapi.yaml", npm_packages()),
    ):
        text += _TABLE.format(heading=heading)
        rows = {(p.name, p.version, licence_of(p), "yes" if p.is_runtime else "") for p in packages}
        text += "".join(f"| {' | '.join(row)} |\n" for row in sorted(rows))
    return text


if __name__ == "__main__":
    LIST.write_text(the_list())
    sys.exit(0)
