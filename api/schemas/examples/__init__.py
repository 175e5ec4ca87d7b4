"""What each body looks like, by the name of its schema: for openapi.yaml alone, and for whoever writes a client.

A model that is written anew may hold its own (`json_schema_extra`); a test holds each to its schema and its model.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from api.schemas.examples import (
    accounts,
    care_plans,
    check_ins,
    diary,
    goals,
    notifications,
    numbers,
    observations,
    offline,
    outcomes,
    patients,
    plans,
    rights,
    signing_in,
    system,
    today,
)
from api.schemas.examples.cast import Shown

NOUNS = (
    accounts,
    signing_in,
    observations,
    diary,
    check_ins,
    numbers,
    patients,
    goals,
    notifications,
    plans,
    care_plans,
    offline,
    rights,
    outcomes,
    today,
    system,
)
EXAMPLES: Mapping[str, Shown] = ChainMap(*(noun.EXAMPLES for noun in NOUNS))
