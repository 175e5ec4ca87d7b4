"""Examples: how people are told something, and what they were told."""

from __future__ import annotations

from api.schemas.examples.cast import Shown, page

_ADDRESS: Shown = {
    "id": "00000000-0000-7000-8000-000000000301",
    "channel": "sms",
    "name": "My mobile",
    "made_at": "2026-11-23T09:20:00Z",
    "confirmed_at": None,
}

EXAMPLES: dict[str, Shown] = {
    "NoticeAddressOut": _ADDRESS,
    "NoticeAddressList": {"items": [_ADDRESS]},
    "NoticeChannelsOut": {
        "offered": ["web_push", "email"],
        "web_push_public_key": "the-public-key-of-this-installation",
    },
    "NoticePreferenceOut": {
        "chosen": [
            {"kind": "something_due", "channels": ["web_push"]},
            {"kind": "something_new", "channels": []},
        ],
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        "language": "en",
        "offered": ["web_push", "email"],
    },
    "ReceiptPage": page(
        {
            "id": "00000000-0000-7000-8000-000000000302",
            "notice_id": "00000000-0000-7000-8000-000000000303",
            "kind": "something_due",
            "due_at": "2026-11-23T08:00:00Z",
            "channel": "web_push",
            "address": "My tablet",
            "state": "accepted",
            "reason": None,
            "attempts": 1,
            "settled_at": "2026-11-23T08:00:01Z",
            "next_at": None,
        }
    ),
}
