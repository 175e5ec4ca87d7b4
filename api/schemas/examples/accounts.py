"""Examples: organisations, accounts, roles, invitations."""

from __future__ import annotations

from api.schemas.examples.cast import ASHA, ASHA_ID, CARE_HOME, NETWORK_ID, PRACTICE, PRACTICE_ID, Shown, page

_INVITATION: Shown = {
    "id": "00000000-0000-7000-8000-000000000012",
    "email": "carl.whitlock@riverside.example",
    "display_name": "Carl Whitlock",
    "organisation_id": PRACTICE_ID,
    "role": "clinician",
    "made_at": "2026-11-20T09:30:00Z",
    "expires_at": "2026-11-27T09:30:00Z",
    "state": "open",
}
_ACCOUNT: Shown = {
    "id": ASHA_ID,
    "email": "asha.nair@riverside.example",
    "display_name": ASHA,
    "disabled": False,
    "memberships": [
        {
            "id": "00000000-0000-7000-8000-000000000013",
            "role": "clinician",
            "organisation": PRACTICE,
            "starts_at": "2026-04-01T00:00:00Z",
            "expires_at": None,
        }
    ],
}
ME: Shown = {
    "id": ASHA_ID,
    "display_name": ASHA,
    "email": "asha.nair@riverside.example",
    "roles": [{"role": "clinician", "organisation": PRACTICE}],
    "patient_id": None,
    "acts_for_others": False,
}

EXAMPLES: dict[str, Shown] = {
    "OrganisationIn": {
        "ods_code": "VHOME1",
        "name": "Elm Tree House",
        "kind": "care_home",
        "parent_id": NETWORK_ID,
    },
    "OrganisationNameIn": {"name": "Elm Tree House Nursing Home"},
    "OrganisationOut": PRACTICE,
    "OrganisationPage": page(PRACTICE, CARE_HOME),
    "RolesOut": {
        "items": [
            {"role": "clinician", "kinds": ["network", "practice", "provider"]},
            {"role": "care_home_staff", "kinds": ["care_home"]},
        ]
    },
    "AccountIn": {
        "email": "asha.nair@riverside.example",
        "display_name": ASHA,
        "password": "otter kettle granite violin",
        "organisation_id": PRACTICE_ID,
    },
    "AccountNameIn": {"display_name": ASHA},
    "AccountOut": _ACCOUNT,
    "AccountPage": page(_ACCOUNT),
    "MembershipIn": {"organisation_id": PRACTICE_ID, "role": "clinician", "expires_at": "2027-03-31T23:59:59+01:00"},
    "CreatedOut": {"id": "00000000-0000-7000-8000-000000000014"},
    "InvitationIn": {
        "email": "carl.whitlock@riverside.example",
        "display_name": "Carl Whitlock",
        "organisation_id": PRACTICE_ID,
        "role": "clinician",
    },
    "InvitationPage": page(_INVITATION),
    "PatientInvitationIn": {"email": "rose.hartley@post.example", "display_name": "Rose Hartley"},
    "PatientInvitationsOut": {
        "has_account": False,
        "items": [
            {
                **_INVITATION,
                "email": "rose.hartley@post.example",
                "display_name": "Rose Hartley",
                "role": None,
            }
        ],
    },
    "InvitationStateOut": {"state": "open"},
    "AcceptIn": {
        "token": "an-invitation-token-as-it-stands-in-the-letters-link",
        "password": "otter kettle granite violin",
        "born_on": "1940-02-29",
    },
    "AcceptedOut": {"id": ASHA_ID, "device_token": "a-device-token-to-keep-and-send-at-the-next-sign-in"},
    "LinkIn": {"token": "a-token-as-it-stands-in-the-letters-link"},
}
