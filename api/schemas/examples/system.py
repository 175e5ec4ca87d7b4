"""Examples: webhooks, the live feed's ticket, health, keys, kinds of problem."""

from __future__ import annotations

from api.schemas.examples.cast import PRACTICE_ID, Shown, page

_WEBHOOK: Shown = {
    "id": "00000000-0000-7000-8000-000000000037",
    "organisation_id": PRACTICE_ID,
    "url": "https://hooks.riverside.example/tendwell",
    "kinds": ["observation.recorded", "goal.changed"],
    "created_at": "2026-11-02T11:00:00Z",
    "failing_since": None,
    "disabled_at": None,
}
_PROBLEM: Shown = {
    "type": "/problems/not-found",
    "status": 404,
    "title": "Not found",
    "meaning": "There is nothing here that you may see: absent and hidden look the same.",
}

EXAMPLES: dict[str, Shown] = {
    "WebhookIn": {
        "organisation_id": PRACTICE_ID,
        "url": "https://hooks.riverside.example/tendwell",
        "kinds": ["observation.recorded", "goal.changed"],
    },
    "WebhookChangeIn": {"url": "https://hooks.riverside.example/elsewhere", "kinds": ["goal.changed"]},
    "WebhookOut": _WEBHOOK,
    "WebhookPage": page(_WEBHOOK),
    "WebhookSecretOut": {
        "id": "00000000-0000-7000-8000-000000000037",
        "secret": "whsec_shown-this-once-and-random-in-truth",
    },
    "DeliveryPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000038",
            "kind": "observation.recorded",
            "event_at": "2026-11-23T08:05:41.594074Z",
            "attempts": 1,
            "due_at": None,
            "settled_at": "2026-11-23T08:05:42Z",
            "outcome": "status_204",
        }
    ),
    "LiveTicketOut": {"ticket": "a-ticket-good-once-and-for-seconds", "expires_at": "2026-11-23T08:06:30Z"},
    "LiveOut": {"status": "live"},
    "ReadyOut": {
        "status": "ready",
        "feed_number": 48213,
        "feed_lag_seconds": 0.02,
        "feed_blind_seconds": 0.4,
        "audit_seal_lag_seconds": 1.2,
    },
    "KeySetOut": {
        "keys": [
            {
                "kty": "EC",
                "crv": "P-256",
                "x": "the-x-of-the-public-key-in-base64url",
                "y": "the-y-of-the-public-key-in-base64url",
                "kid": "the-id-of-the-key",
                "use": "sig",
                "alg": "ES256",
            }
        ]
    },
    "ClientKeySetOut": {
        "keys": [
            {
                "kty": "RSA",
                "n": "the-modulus-in-base64url",
                "e": "AQAB",
                "kid": "the-id-of-the-key",
                "use": "sig",
                "alg": "RS512",
            }
        ]
    },
    "ProblemTypeOut": _PROBLEM,
    "ProblemTypesOut": {"items": [_PROBLEM]},
}
