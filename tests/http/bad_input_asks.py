"""From the bad inputs' own words to our API: which request each case becomes, and which cases do not apply yet.

The vectors speak of one observation with `code`, `value`, `unit`, `at` and `note`; ours is a batch of readings. Their
secure message is our goal's description, the free text we have. A case stands in exactly one of the tables here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.cast import Cast, just_now

VECTORS = Path(__file__).parents[1] / "vectors"
AREAS = frozenset({"json", "text", "time", "clinical", "paging_ids", "idempotency", "http"})
KINDS = ("FILE-", "LOG-", "SSRF-")  # of two areas that others have a share in
CASES: Mapping[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads((VECTORS / "bad_inputs.json").read_text())["cases"]
    if case["area"] in AREAS or case["id"].startswith(KINDS)
}
NAUGHTY: list[str] = json.loads((VECTORS / "blns" / "blns.json").read_text())

SAM, TESS, ASHA = "sam_himself", "tess_herself", "asha_clinician_of_practice"
BORN_ON = datetime(1940, 2, 29)

NOT_YET: Mapping[str, str] = {}
# Nothing of ours does what these try: no route takes a file with a name, or keeps one that somebody could open.
NOT_HERE: Mapping[str, str] = {
    "FILE-001": "no name of a file is taken: contacts come as text/csv, known by the hash of what is in them",
    "FILE-002": "no name of a file is taken",
    "FILE-004": "a file is read as CSV or refused, never kept as a file, and never served",
    "FILE-005": "no picture is taken",
    "FILE-007": "no picture is taken",
    "FILE-008": "nothing that could run is kept: of a file of contacts only its rows are, each cell checked",
}
# Where we answer otherwise than the vectors ask, and why.
OURS: Mapping[str, tuple[frozenset[int], str]] = {
    "IDEM-002": (frozenset({409}), "a repeat that disagrees contradicts what is recorded: a conflict, not a bad form"),
    "IDEM-005": (frozenset({422}), "our key is a field of the reading, so its absence is told like any missing field"),
}
# Sent byte by byte to a real server: RAW_HTTP. More than one request: SEQUENCES. Each has a test of its own.
SEQUENCES = frozenset(
    {
        "IDEM-001",
        "IDEM-002",
        "IDEM-004",
        "IDEM-005",
        "IDEM-007",
        "IDEM-008",
        "IDEM-010",
        "IDEM-011",
        "HTTP-026",
        "HTTP-034",
        "HTTP-035",
        "PAGE-007",
        "PAGE-008",
        "PAGE-010",
        "PAGE-011",
        "TEXT-011",
        "CLIN-004",
        "FILE-010",
        "FILE-011",
        "LOG-001",
        "LOG-002",
        "LOG-004",
        "SSRF-001",
        "SSRF-002",
        "SSRF-004",
        "SSRF-005",
    }
)
RAW_HTTP = frozenset(name for name, case in CASES.items() if case["kind"] == "raw_http") | {"HTTP-025"}
SINGLE = frozenset(CASES) - NOT_YET.keys() - NOT_HERE.keys() - SEQUENCES - RAW_HTTP

SIGNS = {"glucose": "blood_glucose", "weight": "body_weight", "spo2": "oxygen_saturation", "bp": "blood_pressure"}
FIELDS = {"code": "sign", "at": "effective_at", "note": "source"}
PARAMETERS = {"since": "from"}


@dataclass(frozen=True)
class Ask:
    """One request to our API, and what of it must not come back."""

    method: str
    path: str
    caller: str = SAM
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    secret: str | None = None


def reading(now: datetime, name: str, **changed: object) -> dict[str, object]:
    """Return an ordinary glucose reading of a minute ago."""
    return {
        "client_id": name,
        "sign": "blood_glucose",
        "effective_at": (now - timedelta(minutes=1)).isoformat(),
        "unit": "mmol/L",
        "value": 5.4,
        **changed,
    }


def observations_of(patient_id: object) -> str:
    """Return the address of a patient's observations."""
    return f"/v1/patients/{patient_id}/observations"


def ask(name: str, cast: Cast) -> Ask:
    """Return the request that a case of SINGLE becomes."""
    case = CASES[name]
    request, sam = case["request"], cast.patients["sam_at_home"]
    match case["kind"], case["endpoint"]:
        case "body", "OBS_CREATE":
            return _observation(name, request, cast)
        case "body", "MSG_CREATE":
            text = _spelled_out(request["merge"]["text"])
            body = json.dumps({"description": text}).encode()
            return Ask("POST", f"/v1/patients/{sam}/goals", content=body, secret=text[:100])
        case "header", "OBS_CREATE":
            headers = {"content-type": "application/json", **request}
            return Ask("POST", observations_of(sam), content=_body(reading(cast.now, name)), headers=headers)
        case "header", "OBS_LIST":
            return Ask("GET", observations_of(sam), headers=request)
        case "query", "OBS_LIST":
            return Ask("GET", f"{observations_of(sam)}?{_query(request)}", headers={})
        case "query", "PATIENT_LIST":
            return Ask("GET", f"/v1/patients?{_query(request)}", caller=ASHA, headers={})
        case "path", _:
            return Ask("GET", _path(request["path"], sam), headers={})
    raise LookupError(f"{name} is not mapped")


def _observation(name: str, request: dict[str, Any], cast: Cast) -> Ask:
    if name == "CLIN-011":
        return _patient(request["merge"]["nhs_number"], cast)
    sam = cast.patients["sam_at_home"]
    if "raw" in request:
        return Ask("POST", observations_of(sam), content=_raw(name, request["raw"], cast))
    if "mutate" in request:
        pointer, raw = request["mutate"]["pointer"], _spelled_out(request["mutate"]["raw"])
        if pointer == "/patient_id":  # our patient stands in the path; an id in a body we have elsewhere
            body, headers = f'{{"account_id": {raw}}}', {"content-type": "application/json", "if-match": '"seen"'}
            return Ask("PUT", f"/v1/patients/{sam}/account", ASHA, content=body.encode(), headers=headers)
        key = pointer.removeprefix("/")
        sent = _body(reading(cast.now, name, **{FIELDS.get(key, key): "@raw"}))
        return Ask("POST", observations_of(sam), content=sent.replace(b'"@raw"', raw.encode()))
    merged = {FIELDS.get(key, key): _moment(value, cast) for key, value in request["merge"].items()}
    merged["sign"] = SIGNS.get(merged.get("sign", "glucose"), merged.get("sign"))
    claim = reading(cast.now, name, **merged)
    if merged["sign"] == "blood_pressure":
        del claim["value"]
    return Ask("POST", observations_of(sam), content=_body(claim))


def _patient(nhs_number: str, cast: Cast) -> Ask:
    body = {
        "given_name": "Una",
        "family_name": "New",
        "born_on": "1950-05-05",
        "practice_id": str(cast.organisations["practice"]),
        "nhs_number": nhs_number,
    }
    return Ask("POST", "/v1/patients", caller=ASHA, content=json.dumps(body).encode(), secret=nhs_number)


def _body(*readings: Mapping[str, object]) -> bytes:
    return json.dumps({"readings": readings}).encode()


def _raw(name: str, raw: str, cast: Cast) -> bytes:
    """Return the bytes that a case's shorthand for a whole body stands for."""
    base = _body(reading(cast.now, name))
    member = base[1:-1]
    return {
        "JSON-017": b"{" + member + b", " + member.replace(b"5.4", b"5.5") + b"}",
        "JSON-019": b"[" * 100_000,
        "JSON-020": b"[" * 1_000 + b"]" * 1_000,
        "JSON-022": b"",
        "JSON-023": b"null",
        "JSON-025": base + b" x",
        "JSON-026": b"\xef\xbb\xbf" + base,
        "JSON-028": base.replace(name.encode(), b"\xff\xfe"),
        "JSON-031": b'{"role": "admin", ' + member + b"}",
    }[name]


def _spelled_out(shorthand: str) -> str:
    """Return what "x*5000" and the like stand for; any other text as it is."""
    if shorthand == "[0]*1000000":
        return "[" + "0," * 999_999 + "0]"
    text, star, times = shorthand.rpartition("*")
    return text * int(times) if star and times.isdigit() else shorthand


def _moment(value: object, cast: Cast) -> Any:
    moments = {
        "@now+10m": just_now() + timedelta(minutes=10),
        "@now-1095d": cast.now - timedelta(days=1095),
        "@dob-1d": (BORN_ON - timedelta(days=1)).replace(tzinfo=cast.now.tzinfo),
    }
    return moments[value].isoformat() if isinstance(value, str) and value in moments else value


def _query(request: dict[str, str]) -> str:
    if "raw" in request:
        return request["raw"]
    spelled = {key: value.replace("a*50000", "a" * 50_000) for key, value in request.items()}
    return urlencode({PARAMETERS.get(key, key): value for key, value in spelled.items()})


def _path(path: str, sam: object) -> str:
    return path.replace("/obs/", f"{observations_of(sam)}/").replace("/v1/observations", observations_of(sam))
