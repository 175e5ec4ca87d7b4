"""Who is in the examples: invented people, places and ids, the same in all of them. NHS numbers of 999 are nobody's."""

from __future__ import annotations

from typing import TypeAlias

from pydantic import JsonValue

Shown: TypeAlias = dict[str, JsonValue]

COMMISSIONER_ID = "00000000-0000-7000-8000-000000000001"
NETWORK_ID = "00000000-0000-7000-8000-000000000002"
PRACTICE_ID = "00000000-0000-7000-8000-000000000003"
CARE_HOME_ID = "00000000-0000-7000-8000-000000000004"
CARE_TEAM_ID = "00000000-0000-7000-8000-000000000005"
ROSE_ID = "00000000-0000-7000-8000-000000000006"
ROSES_ACCOUNT_ID = "00000000-0000-7000-8000-000000000007"
ASHA_ID = "00000000-0000-7000-8000-000000000008"
CARL_ID = "00000000-0000-7000-8000-000000000009"
GOAL_ID = "00000000-0000-7000-8000-000000000010"
PATHWAY_ID = "00000000-0000-7000-8000-000000000011"

NHS_NUMBER, BORN_ON = "9990000018", "1940-02-29"
ROSE, ASHA, CARL, UNA = "Rose Hartley", "Dr Asha Nair", "Carl Whitlock", "Una Hartley"

NETWORK: Shown = {
    "id": NETWORK_ID,
    "ods_code": "U99999",
    "name": "Riverside Primary Care Network",
    "kind": "network",
    "parent_id": COMMISSIONER_ID,
}
PRACTICE: Shown = {
    "id": PRACTICE_ID,
    "ods_code": "Y99991",
    "name": "Riverside Practice",
    "kind": "practice",
    "parent_id": NETWORK_ID,
}
CARE_HOME: Shown = {
    "id": CARE_HOME_ID,
    "ods_code": "VHOME1",
    "name": "Elm Tree House",
    "kind": "care_home",
    "parent_id": NETWORK_ID,
}


def page(*items: Shown) -> Shown:
    """Return the last page of a list."""
    return {"items": list(items), "next_cursor": None}
