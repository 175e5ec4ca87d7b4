"""`python -m tests.supply_chain.bill_of_materials FILE`: writes Tendwell's bill of materials, CycloneDX 1.6 as JSON.

Made of the lock files and the list of licences, and of nothing else: the same commit makes the same bytes, anywhere.
It names packages by their package URL (purl) and their hashes, never by an address.
"""

from __future__ import annotations

import base64
import os
import sys
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.impact_analysis import ImpactAnalysisJustification, ImpactAnalysisState
from cyclonedx.model.license import LicenseAcknowledgement, LicenseExpression
from cyclonedx.model.vulnerability import BomTarget, Vulnerability, VulnerabilityAnalysis
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tests.supply_chain.licences import licence_of
from tests.supply_chain.locks import ROOT, US, Locked, npm_packages, python_packages
from tests.supply_chain.vulnerabilities import ACCEPTED

_EPOCH = "SOURCE_DATE_EPOCH"  # reproducible-builds.org: the one clock of a reproducible build


def bill() -> str:
    """Return the bill of materials of what is locked now."""
    packages = [*python_packages(), *npm_packages()]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    us = Component(
        type=ComponentType.APPLICATION, name=US, version=version, bom_ref=US, licenses=[_licence("Apache-2.0")]
    )
    components = {package: _component(package) for package in packages}
    bom = Bom(
        components=components.values(),
        metadata=BomMetaData(component=us, timestamp=datetime.fromtimestamp(int(os.environ.get(_EPOCH, "0")), UTC)),
        serial_number=uuid5(NAMESPACE_URL, repr((version, sorted(_said(package) for package in packages)))),
    )
    for component, needs in _edges(us, components):
        bom.register_dependency(component, needs)
    for cve, (name, why) in ACCEPTED.items():
        bom.vulnerabilities.add(_accepted(cve, [c.bom_ref.value for p, c in components.items() if p.name == name], why))
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _said(package: Locked) -> tuple[str, ...]:
    return (*package.key, licence_of(package), *package.hashes)


def _licence(expression: str) -> LicenseExpression:
    return LicenseExpression(expression, acknowledgement=LicenseAcknowledgement.DECLARED)


def _component(package: Locked) -> Component:
    purl = PackageURL.from_string(f"pkg:{package.kind}/{package.name.replace('@', '%40')}@{package.version}")
    hashes = [_hash(package.kind, each) for each in package.hashes]
    return Component(
        name=package.name,
        version=package.version,
        # npm may put one package, at one version, into several places.
        bom_ref=purl.to_string(),
        purl=purl,
        scope=ComponentScope.REQUIRED if package.is_runtime else ComponentScope.EXCLUDED,
        licenses=[_licence(licence_of(package))],
        # A release has several files, of which one is installed: their hashes belong to it, not to one component.
        external_references=[
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(purl.to_string()), hashes=hashes)
        ],
    )


def _hash(kind: str, said: str) -> HashType:
    if kind == "pypi":
        return HashType(alg=HashAlgorithm.SHA_256, content=said)
    return HashType(alg=HashAlgorithm.SHA_512, content=base64.b64decode(said.removeprefix("sha512-")).hex())


def _edges(us: Component, components: dict[Locked, Component]) -> Iterable[tuple[Component, list[Component]]]:
    """Yield each component with what it asks for."""
    asked: dict[tuple[str, str], list[Component]] = {}
    for package, component in components.items():
        for name in package.needed_by:
            asked.setdefault((package.kind, name), []).append(component)
    yield us, [*asked.get(("pypi", US), ()), *asked.get(("npm", US), ())]
    for package, component in components.items():
        yield component, asked.get((package.kind, package.name), [])


def _accepted(cve: str, affected: Iterable[str | None], why: str) -> Vulnerability:
    return Vulnerability(
        id=cve,
        bom_ref=cve,
        analysis=VulnerabilityAnalysis(
            state=ImpactAnalysisState.NOT_AFFECTED,
            justification=ImpactAnalysisJustification.CODE_NOT_REACHABLE,
            detail=why,
        ),
        affects=[BomTarget(ref=ref) for ref in affected if ref is not None],
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(bill())
