"""Recording a commissioner with a network, a provider, two practices and four care homes below it."""

from __future__ import annotations

from dataclasses import dataclass

from demo.cast import COMMISSIONER_CODE, FAR_PRACTICE, HOME_CODES, NEAR_PRACTICE, NETWORK_CODE, URGENT_CARE_CODE
from demo.connection import Refused, SignIn
from demo.prepare_data import DATA
from demo.readers.places import Place, read_care_homes, read_practices

PLACES = DATA / "uk_nhs_reference"
COMMISSIONER_NAME = "Greater Manchester integrated care board (demo)"
NETWORK_NAME = "West Trafford network (demo)"
URGENT_CARE_NAME = "Urgent and emergency care (demo)"


class WrongInstallation(Exception):
    """The service holds something that this demo did not put there, or no longer has the keys to."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """What the demo wants recorded: code, name, kind, and the code it belongs to (None: the administrator's own)."""

    ods_code: str
    name: str
    kind: str
    parent: str | None


def wanted() -> list[Organisation]:
    """Return the organisations in an order in which each parent comes before its children."""
    practices = {place.identifier: place for place in read_practices(PLACES / "trafford_gp_patient_registrations.csv")}
    homes = {place.identifier: place for place in read_care_homes(PLACES / "trafford_care_homes.csv")}
    found = [
        Organisation(COMMISSIONER_CODE, COMMISSIONER_NAME, "commissioner", None),
        Organisation(NETWORK_CODE, NETWORK_NAME, "network", COMMISSIONER_CODE),
        Organisation(URGENT_CARE_CODE, URGENT_CARE_NAME, "provider", COMMISSIONER_CODE),
    ]
    found.append(_of(practices[NEAR_PRACTICE], NEAR_PRACTICE, "practice", NETWORK_CODE))
    found.append(_of(practices[FAR_PRACTICE], FAR_PRACTICE, "practice", COMMISSIONER_CODE))
    found += [_of(homes[cqc_id], code, "care_home", COMMISSIONER_CODE) for cqc_id, code in HOME_CODES.items()]
    return found


def _of(place: Place, code: str, kind: str, parent: str) -> Organisation:
    return Organisation(code, f"{place.name} (demo)", kind, parent)


async def known_codes(admin: SignIn) -> dict[str, str]:
    """Return the id of each organisation the administrator sees, by ODS code."""
    return {item["ods_code"]: item["id"] async for item in admin.every("/v1/organisations")}


async def root_of(admin: SignIn) -> str:
    """Return the id of the organisation at which the administrator was made: the top of the demo's tree."""
    me = await admin.ask("GET", "/v1/me")
    roots = [held["organisation"]["id"] for held in me["roles"] if held["role"] == "administrator"]
    if not roots:
        raise WrongInstallation("the demo's administrator holds no administrator role")
    return str(roots[0])


async def record_places(admin: SignIn) -> dict[str, str]:
    """Return the ids by ODS code, after recording what was missing. Raises WrongInstallation."""
    known, root = await known_codes(admin), await root_of(admin)
    for organisation in wanted():
        if organisation.ods_code in known:
            continue
        parent = root if organisation.parent is None else known[organisation.parent]
        body = {"ods_code": organisation.ods_code, "name": organisation.name, "kind": organisation.kind}
        try:
            made = await admin.ask("POST", "/v1/organisations", json=body | {"parent_id": parent})
        except Refused as refused:
            if refused.status == 409:
                raise WrongInstallation(
                    f"the code {organisation.ods_code} belongs to an organisation outside this administrator's reach: "
                    "load the demo into an installation of its own"
                ) from refused
            raise
        known[organisation.ods_code] = made["id"]
    return known
