"""The access log as FHIR R4 AuditEvents, in the shape of IHE's Basic Audit Log Patterns (PatientRead and its kin).

An export: the words are `access_words`', the codes are HL7's, DICOM's and IHE's. Refuses to know who may read it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import orjson
from starlette.datastructures import URL
from starlette.responses import Response

from api.schemas.access_log import name_of, place_of
from domain.audit.entry import AuditEntry
from domain.rights.access_log_queries import AccessLog
from domain.rights.access_words import ROLES, deed_in_words

MEDIA_TYPE = "application/fhir+json"
_BALP = "https://profiles.ihe.net/ITI/BALP"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
# Names an entry without telling how many there are in all.
_ENTRIES = UUID("5f8ed2a4-3f0f-4e6e-9a53-6d3b5d2c7c11")
# By the second half of the action's name: FHIR's action, the interaction, and IHE's pattern for a patient's record.
_READ = ("R", "read", "PatientRead")
_LIST = ("E", "search-type", "PatientQuery")
_CREATE = ("C", "create", "PatientCreate")
_UPDATE = ("U", "update", "PatientUpdate")
_KINDS = {
    "read": _READ,
    "history": ("R", "history-instance", "PatientRead"),
    "watch": _READ,
    "unwatch": _READ,
    "latest": _LIST,
    "list": _LIST,
    "series": _LIST,
    "check": _LIST,
    "register_refused": _LIST,
    "create": _CREATE,
    "register": _CREATE,
    "publish": _CREATE,
    "complete": _CREATE,
    "start": _CREATE,
    "delete": ("D", "delete", "PatientDelete"),
}


def bundle(log: AccessLog, url: URL, next_cursor: str | None) -> Response:
    """Return a page of the log as a Bundle of AuditEvents, with a link to the next."""
    links = [{"relation": "self", "url": _relative(url)}]
    if next_cursor is not None:
        links.append({"relation": "next", "url": _relative(url.include_query_params(cursor=next_cursor))})
    entries = [_entry(entry, log) for entry in log.entries]
    content = {"resourceType": "Bundle", "type": "searchset", "link": links}
    # FHIR has no empty arrays.
    return Response(orjson.dumps(content | ({"entry": entries} if entries else {})), media_type=MEDIA_TYPE)


def _relative(url: URL) -> str:
    return f"{url.path}?{url.query}" if url.query else url.path


def _entry(entry: AuditEntry, log: AccessLog) -> dict[str, Any]:
    event = audit_event(entry, log)
    return {"fullUrl": f"urn:uuid:{event['id']}", "resource": event, "search": {"mode": "match"}}


def audit_event(entry: AuditEntry, log: AccessLog) -> dict[str, Any]:
    """Return one entry as an AuditEvent."""
    action, interaction, pattern = _KINDS.get(entry.action.partition(".")[2], _UPDATE)
    purposes = [] if entry.purpose is None else [_concept(f"{_TERMINOLOGY}/v3-ActReason", entry.purpose)]
    return {
        "resourceType": "AuditEvent",
        "id": str(uuid5(_ENTRIES, str(entry.id))),
        "meta": {"profile": [f"{_BALP}/StructureDefinition/IHE.BasicAudit.{pattern}"]},
        "type": _coding(f"{_TERMINOLOGY}/audit-event-type", "rest", "RESTful Operation"),
        "subtype": [_coding("http://hl7.org/fhir/restful-interaction", interaction)],
        "action": action,
        "recorded": entry.at.isoformat(timespec="milliseconds"),
        "outcome": "0" if entry.outcome == "done" else "4",
        "outcomeDesc": deed_in_words(entry.action, entry.about, to_the_patient=False),
        **({"purposeOfEvent": purposes} if purposes else {}),
        "agent": [_agent(entry, log, purposes)],
        "source": {
            "observer": {"display": "Tendwell"},
            "type": [_coding(f"{_TERMINOLOGY}/security-source-type", "4", "Application Server")],
        },
        "entity": _entities(entry, log),
    }


def _agent(entry: AuditEntry, log: AccessLog, purposes: list[dict[str, Any]]) -> dict[str, Any]:
    place = place_of(entry, log)
    who = name_of(entry, log)
    roles = [] if entry.role is None else [{"text": ROLES[entry.role]}]
    policies = [entry.basis] if entry.basis else []
    return {
        "type": _concept(f"{_TERMINOLOGY}/v3-ParticipationType", "IRCP", "information recipient"),
        "who": {"display": who if place is None else f"{who}, {place}"},
        "name": who,
        "requestor": True,
        **({"role": roles} if roles else {}),
        **({"policy": [f"urn:tendwell:basis:{basis}" for basis in policies]} if policies else {}),
        **({"purposeOfUse": purposes} if purposes else {}),
    }


def _entities(entry: AuditEntry, log: AccessLog) -> list[dict[str, Any]]:
    person = {
        "what": {"reference": f"Patient/{log.patient.id}"},
        "type": _coding(f"{_TERMINOLOGY}/audit-entity-type", "1", "Person"),
        "role": _coding(f"{_TERMINOLOGY}/object-role", "1", "Patient"),
        **({"description": entry.reason} if entry.reason else {}),
    }
    asked = {
        "what": {"identifier": {"value": entry.request_id}},
        "type": _coding(f"{_BALP}/CodeSystem/BasicAuditEntityType", "XrequestId"),
    }
    if entry.subject_id is None:
        return [person, asked]
    subject = {
        "what": {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{entry.subject_id}"}},
        "type": _coding(f"{_TERMINOLOGY}/audit-entity-type", "2", "System Object"),
        "role": _coding(f"{_TERMINOLOGY}/object-role", "4", "Domain Resource"),
    }
    return [person, subject, asked]


def _coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    return {"system": system, "code": code} | ({} if display is None else {"display": display})


def _concept(system: str, code: str, display: str | None = None) -> dict[str, Any]:
    return {"coding": [_coding(system, code, display)]}
