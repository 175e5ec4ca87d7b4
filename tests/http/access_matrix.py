"""Who gets what from every route: every operation × every member of the cast has an expected status.

The statuses are read as a table. An operation that is not here fails `test_access_matrix.py`, so a new route cannot
be forgotten. `SAM`, `ROSE` and the like are filled in from the cast's ids.

404 is both absence and refusal: a stranger cannot tell which. 403 is said only to those who may know that the thing
exists, and to a commissioner, who is told so whatever they ask about (AUTHZ-002, AUTHZ-014).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.cast import DELEGATE_TEXT

EVERYBODY = (
    "nobody_signed_in",
    "nobody_at_all",
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "dora_clinician_left_care_team",
    "lena_clinician_patient_left_team",
    "earl_clinician_membership_expired",
    "fern_clinician_membership_ended",
    "kit_clinician_disabled",
    "gus_care_home_staff",
    "hope_staff_of_former_home",
    "iris_commissioner",
    "jack_administrator_of_practice",
    "admin",
    "rose_herself",
    "sam_himself",
    "tess_herself",
    "will_himself",
    # Rose's delegates, now, before and to come; who will be related otherwise; and who broke the glass over her.
    "uma_delegate",
    "vic_delegate_who_records",
    "wanda_delegate_revoked",
    "xeno_delegate_run_out",
    "yara_delegate_from_tomorrow",
    "mona_clinician_from_tomorrow",
    "ned_clinician_on_team_from_tomorrow",
    "olga_staff_of_future_home",
    "pia_clinician_broke_glass",
    "quin_clinician_glass_run_out",
    "remy_clinician_glass_ended",
    "saul_privacy_officer",
)
# Whose token no longer, or never, stands for anyone.
NOT_SIGNED_IN = ("nobody_signed_in", "kit_clinician_disabled")
ASHA, BEA, CARL, GUS = (
    "asha_clinician_of_practice",
    "bea_clinician_elsewhere",
    "carl_clinician_on_care_team",
    "gus_care_home_staff",
)
DORA, LENA = "dora_clinician_left_care_team", "lena_clinician_patient_left_team"
IRIS, JACK, ADMIN, ROSE, SAM, TESS = (
    "iris_commissioner",
    "jack_administrator_of_practice",
    "admin",
    "rose_herself",
    "sam_himself",
    "tess_herself",
)
UMA, VIC, PIA, SAUL = "uma_delegate", "vic_delegate_who_records", "pia_clinician_broke_glass", "saul_privacy_officer"
# Clinicians of the network: they know of its care teams' existence no more than of its patients'.
ELSEWHERE = (
    DORA,
    LENA,
    PIA,
    "ned_clinician_on_team_from_tomorrow",
    "quin_clinician_glass_run_out",
    "remy_clinician_glass_ended",
)
# Who may know that Rose exists; of them, who reads, and who records. Everybody else is told 404.
RELATED = (ASHA, CARL, GUS, ROSE, UMA, VIC, PIA)
READ = (ASHA, CARL, GUS, ROSE, UMA, PIA)
RECORD = (ASHA, CARL, GUS, ROSE, UMA, VIC)
# Who had her record open by break-glass, which has run out or was ended.
HAD_OPEN = ("quin_clinician_glass_run_out", "remy_clinician_glass_ended")
# What is asked for by an id of its own does not say of whom it is: there they are told 404 as everybody.


@dataclass(frozen=True)
class Row:
    """One operation: how it is asked, what most of the cast get, and who gets something else."""

    path: str
    otherwise: int
    but: dict[str, int] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    anonymous: int = 401
    headers: dict[str, str] = field(default_factory=dict)

    def expected(self, member: str) -> int:
        """Return the status that this member of the cast gets."""
        if member in NOT_SIGNED_IN:
            return self.anonymous
        return self.but.get(member, self.otherwise)


def of_rose(status: int, *allowed: str) -> dict[str, int]:
    """Return the statuses of those who are related to Rose, the resident: 403 but for those who may.

    403 for those, too, who broke the glass over her before, and for a commissioner, whomever they ask about.
    """
    return all_of(403, *RELATED, *HAD_OPEN, IRIS) | all_of(status, *allowed)


def all_of(status: int, *members: str) -> dict[str, int]:
    """Return one status for several members."""
    return dict.fromkeys(members, status)


BY_ITS_OWN_ID = all_of(404, *HAD_OPEN, IRIS)
# Row security knows it first: what one may not read, or not change, is not there to be found by its own id.
NOT_THERE_TO_READ = {"vic_delegate_who_records": 404}
NOT_THERE_TO_CHANGE = {"pia_clinician_broke_glass": 404}


# Who holds the role of a clinician somewhere, whomever they may see.
CLINICIANS = (
    ASHA,
    BEA,
    CARL,
    DORA,
    LENA,
    "ned_clinician_on_team_from_tomorrow",
    "pia_clinician_broke_glass",
    "quin_clinician_glass_run_out",
    "remy_clinician_glass_ended",
)

READING = {
    "readings": [
        {
            "client_id": "matrix-1",
            "sign": "heart_rate",
            "value": 71,
            "unit": "/min",
            "effective_at": "{recently}",
        }
    ]
}

_CREDENTIAL = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
_CREDENTIAL_MADE = _CREDENTIAL | {"response": {"clientDataJSON": "AAAA", "attestationObject": "AAAA"}}
_CREDENTIAL_SHOWN = _CREDENTIAL | {
    "response": {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}
}

MATRIX: dict[str, Row] = {
    # Open to all: signing in, and health.
    "sign_in": Row("/v1/sessions", 401, body={"email": "x@example.test", "password": "wrong password"}),
    "refresh_tokens": Row("/v1/sessions/refresh", 401, body={"refresh_token": "not-a-token"}),
    "ask_session_standing": Row("/v1/sessions/standing", 401, body={"refresh_token": "not-a-token"}),
    "show_second_factor": Row(
        "/v1/sessions/second-factor", 401, body={"sign_in_token": "not-a-token", "code": "123456"}
    ),
    "begin_enrolment": Row("/v1/sessions/enrolment", 401, body={"sign_in_token": "not-a-token"}),
    "set_first_password": Row(
        "/v1/sessions/new-password",
        401,
        body={"sign_in_token": "not-a-token", "new_password": "a long enough password"},
    ),
    "ask_for_password_reset": Row("/v1/password-resets", 202, body={"email": "x@example.test"}, anonymous=202),
    "complete_password_reset": Row(
        "/v1/password-resets/complete", 401, body={"token": "not-a-token", "new_password": "a long enough password"}
    ),
    "look_up_password_reset": Row("/v1/password-resets/look-up", 401, body={"token": "not-a-token"}),
    "look_up_invitation": Row("/v1/invitations/look-up", 401, body={"token": "not-a-token"}),
    "accept_invitation": Row(
        "/v1/invitations/accept", 401, body={"token": "not-a-token", "password": "a long enough password"}
    ),
    "begin_passkey_sign_in": Row("/v1/sessions/passkey-options", 201, body={}, anonymous=201),
    "sign_in_with_passkey": Row("/v1/sessions/passkey", 401, body={"credential": _CREDENTIAL_SHOWN}),
    "get_liveness": Row("/health/live", 200, anonymous=200),
    "get_metrics": Row("/health/metrics", 200, anonymous=200),
    "get_readiness": Row("/health/ready", 503, anonymous=503),  # no worker runs where this is asked
    "get_key_set": Row("/.well-known/jwks.json", 200, anonymous=200),
    "list_problem_types": Row("/problems", 200, anonymous=200),
    "get_problem_type": Row("/problems/not-found", 200, anonymous=200),
    # One's own.
    # No identity provider is offered here: test_identity_provider.py offers one.
    "list_sign_in_methods": Row("/v1/sessions/methods", 200, anonymous=200),
    "begin_provider_sign_in": Row("/v1/sessions/identity-provider-options", 404, body={}, anonymous=404),
    "sign_in_with_provider": Row(
        "/v1/sessions/identity-provider",
        404,
        body={"state": "not-a-state", "secret": "not-a-secret", "code": "not-a-code"},
        anonymous=404,
    ),
    "get_client_key_set": Row("/.well-known/oidc-client-keys.json", 404, anonymous=404),
    "sign_out": Row("/v1/sessions/current", 204),
    "get_me": Row("/v1/me", 200),
    "confirm_it_is_me": Row("/v1/sessions/current/confirmation", 422, body={"password": "not the password"}),
    "get_my_factors": Row("/v1/me/factors", 200),
    "begin_my_totp": Row("/v1/me/factors/totp", 201),
    "confirm_my_totp": Row("/v1/me/factors/totp/confirm", 422, body={"code": "000000"}),
    "remove_my_totp": Row("/v1/me/factors/totp", 404),
    "make_my_recovery_codes": Row("/v1/me/recovery-codes", 409, {ASHA: 201}),
    "list_own_sessions": Row("/v1/me/sessions", 200),
    "end_own_session": Row("/v1/me/sessions/{session_of_nobody}", 404, {"nobody_at_all": 204}),
    "end_other_sessions": Row("/v1/me/sessions", 204),
    "change_own_password": Row(
        "/v1/me/password",
        422,
        body={"current_password": "not the password", "new_password": "another good passphrase"},
    ),
    "ask_of_own_record": Row(
        "/v1/me/rights-requests",
        404,
        all_of(201, ROSE, SAM, TESS, "will_himself"),
        body={"kind": "correction", "about": "My weight in March was another person's"},
    ),
    "list_own_rights_requests": Row("/v1/me/rights-requests", 200),
    "withdraw_own_rights_request": Row("/v1/me/rights-requests/{request_of_rose}/withdrawal", 404, {ROSE: 204}),
    "list_rights_requests": Row("/v1/rights-requests", 403, all_of(200, *CLINICIANS, SAUL)),
    "answer_rights_request": Row(
        "/v1/rights-requests/{request_of_rose}/answer",
        404,  # what was asked is a row of those whom it was asked of, and of the person, alone
        {ASHA: 204, SAUL: 204, ROSE: 409},
        body={"decision": "granted", "answer": "It has been put right"},
    ),
    "get_own_access_log": Row("/v1/me/access-log", 404, all_of(200, ROSE, SAM, TESS, "will_himself")),
    "get_own_today": Row("/v1/me/today", 404, all_of(200, ROSE, SAM, TESS, "will_himself")),
    "list_own_changes": Row("/v1/me/changes", 404, all_of(200, ROSE, SAM, TESS, "will_himself")),
    "send_own_changes": Row(
        "/v1/me/changes",
        404,
        all_of(200, ROSE, SAM, TESS, "will_himself"),
        body={"items": [{"item": "1", "goal": {"client_id": "matrix-goal", "description": "To sleep well"}}]},
    ),
    "ask_for_own_export": Row("/v1/me/exports", 404, {ROSE: 409} | all_of(202, SAM, TESS, "will_himself")),
    "list_own_exports": Row("/v1/me/exports", 200),
    "get_own_export": Row("/v1/me/exports/{export_of_rose}", 404, {ROSE: 200}),
    "fetch_own_export": Row("/v1/me/exports/{export_of_rose}/file", 404, {ROSE: 409}),  # no worker has made it yet
    "begin_my_passkey": Row("/v1/me/passkey-options", 201),
    "add_my_passkey": Row("/v1/me/passkeys", 422, body={"name": "A phone", "credential": _CREDENTIAL_MADE}),
    "list_my_passkeys": Row("/v1/me/passkeys", 200),
    "get_my_passkey": Row("/v1/me/passkeys/{passkey_of_asha}", 404, {ASHA: 200}),
    "rename_my_passkey": Row(
        "/v1/me/passkeys/{passkey_of_asha}",
        404,
        {ASHA: 200},
        body={"name": "A phone"},
        headers={"If-Match": "{tag_of_passkey}"},
    ),
    "remove_my_passkey": Row("/v1/me/passkeys/{passkey_of_asha}", 404, {ASHA: 204}),
    # How one is told something: each for themself.
    "get_notice_channels": Row("/v1/me/notifications/channels", 200),
    "get_notice_preferences": Row("/v1/me/notifications/preferences", 200),
    "put_notice_preferences": Row(
        "/v1/me/notifications/preferences",
        412,  # the tag is another's
        {ASHA: 200},
        body={"chosen": [{"kind": "something_due", "channels": ["email"]}]},
        headers={"If-Match": "{tag_of_notices}"},
    ),
    "list_notice_addresses": Row("/v1/me/notifications/addresses", 200),
    "add_notice_address": Row(
        "/v1/me/notifications/addresses", 201, body={"channel": "fcm", "name": "A phone", "token": "token-of-a-phone"}
    ),
    "confirm_notice_address": Row(
        "/v1/me/notifications/addresses/{address_of_asha}/confirmation", 404, {ASHA: 200}, body={"code": "000000"}
    ),
    "try_notice_address_out": Row("/v1/me/notifications/addresses/{address_of_asha}/test", 404, {ASHA: 204}),
    "remove_notice_address": Row("/v1/me/notifications/addresses/{address_of_asha}", 404, {ASHA: 204}),
    "list_notices_sent": Row("/v1/me/notifications/sent", 200),
    "issue_live_ticket": Row("/v1/live/tickets", 201),
    "list_vital_signs": Row("/v1/vital-signs", 200),
    "get_privacy_notice": Row("/v1/privacy-notice", 200, anonymous=200),
    # Organisations and accounts: an administrator's, within their tree.
    "list_roles": Row("/v1/roles", 200),
    "list_organisations": Row("/v1/organisations", 200),
    "get_organisation": Row("/v1/organisations/{practice}", 200),
    "create_organisation": Row(
        "/v1/organisations",
        403,
        {ADMIN: 201, JACK: 201},
        body={"ods_code": "VNEW1", "name": "A new home", "kind": "care_home", "parent_id": "{practice}"},
    ),
    "rename_organisation": Row(
        "/v1/organisations/{practice}",
        403,
        {ADMIN: 200, JACK: 200},
        body={"name": "Another name"},
        headers={"If-Match": "{tag_of_practice}"},
    ),
    "create_account": Row(
        "/v1/accounts",
        403,
        {ADMIN: 201, JACK: 404},
        body={
            "email": "new@example.test",
            "display_name": "New",
            "password": "a long enough password",
            "organisation_id": "{commissioner}",
        },
    ),
    "invite_colleague": Row(
        "/v1/invitations",
        403,
        {ADMIN: 201, JACK: 201},
        body={
            "email": "new@example.test",
            "display_name": "New",
            "organisation_id": "{practice}",
            "role": "clinician",
        },
    ),
    "list_invitations": Row("/v1/invitations", 403, {ADMIN: 200, JACK: 200}),
    "revoke_invitation": Row("/v1/invitations/{invitation_to_practice}/revoke", 403, {ADMIN: 204, JACK: 204}),
    "reset_factors": Row("/v1/accounts/{nobody_at_all}/factors/reset", 403, {ADMIN: 204, JACK: 404}),
    "list_accounts": Row("/v1/accounts", 403, {ADMIN: 200, JACK: 200}),
    "get_account": Row("/v1/accounts/{nobody_at_all}", 403, {ADMIN: 200, JACK: 404}),
    "rename_account": Row(
        "/v1/accounts/{nobody_at_all}",
        403,
        {ADMIN: 200, JACK: 404},
        body={"display_name": "Somebody"},
        headers={"If-Match": "{tag_of_nobody}"},
    ),
    "disable_account": Row("/v1/accounts/{nobody_at_all}/disable", 403, {ADMIN: 204, JACK: 404}),
    "grant_membership": Row(
        "/v1/accounts/{nobody_at_all}/memberships",
        403,
        {ADMIN: 201, JACK: 404},
        body={"organisation_id": "{practice}", "role": "clinician"},
    ),
    "end_membership": Row("/v1/memberships/{membership_of_asha_clinician_of_practice}", 403, {ADMIN: 204, JACK: 204}),
    # Patients.
    "register_patient": Row(
        "/v1/patients",
        403,
        {ASHA: 201},
        body={
            "given_name": "Una",
            "family_name": "New",
            "born_on": "1950-05-05",
            "practice_id": "{practice}",
            "nhs_number": "9990000034",
        },
    ),
    "list_patients": Row("/v1/patients", 200),
    "get_patient": Row("/v1/patients/{rose_resident}", 404, of_rose(200, *READ)),
    "get_access_log": Row("/v1/patients/{rose_resident}/access-log", 404, of_rose(200, ASHA, ROSE)),
    "list_emergency_accesses": Row("/v1/patients/{rose_resident}/emergency-accesses", 404, of_rose(200, ASHA, ROSE)),
    "link_patient_account": Row(
        "/v1/patients/{rose_resident}/account",
        404,
        of_rose(204, ASHA, CARL),
        body={"account_id": "{rose_herself}"},
        headers={"If-Match": "{tag_of_rose}"},
    ),
    # Who a person is, only a clinician of their practice puts right.
    "put_patient_right": Row(
        "/v1/patients/{rose_resident}",
        404,
        of_rose(200, ASHA),
        body={"given_name": "Rosa", "family_name": "Resident", "born_on": "1940-02-29", "nhs_number": "9990000018"},
        headers={"If-Match": "{tag_of_rose}"},
    ),
    "list_former_particulars": Row("/v1/patients/{rose_resident}/former", 404, of_rose(200, ASHA)),
    "invite_patient": Row(
        "/v1/patients/{una_without_account}/invitations",
        404,
        {ASHA: 201, IRIS: 403},
        body={"email": "una@example.test", "display_name": "Una"},
    ),
    "list_patient_invitations": Row("/v1/patients/{rose_resident}/invitations", 404, of_rose(200, ASHA, CARL)),
    "revoke_patient_invitation": Row(
        "/v1/patients/{una_without_account}/invitations/{invitation_of_una}/revoke", 404, {ASHA: 204, IRIS: 403}
    ),
    "admit_to_care_home": Row(
        "/v1/patients/{sam_at_home}/residences",
        404,
        {ASHA: 201, SAM: 403, IRIS: 403},
        body={"care_home_id": "{care_home}", "from_on": "{today}", "room": "3"},
    ),
    "end_residence": Row(
        "/v1/residences/{residence_of_rose}/end",
        404,
        of_rose(204, ASHA, CARL, GUS) | BY_ITS_OWN_ID | NOT_THERE_TO_CHANGE,
        body={"until_on": "{today}"},
    ),
    "list_residents": Row("/v1/care-homes/{care_home}/residents", 200),
    "get_board": Row("/v1/board", 200),
    "get_board_edition": Row("/v1/board/edition", 200),
    # Delegates, consents, break-glass.
    "get_access": Row("/v1/patients/{rose_resident}/access", 404, of_rose(200, ASHA, CARL, ROSE)),
    "list_delegates": Row("/v1/patients/{rose_resident}/delegates", 404, of_rose(200, ASHA, CARL, ROSE)),
    "invite_delegate": Row(
        "/v1/patients/{rose_resident}/delegates",
        404,
        of_rose(201, ROSE),
        body={"relationship": "friend", "scopes": ["read"], "text_version": DELEGATE_TEXT},
    ),
    "record_delegate_by_law": Row(
        "/v1/patients/{rose_resident}/delegates/by-law",
        404,
        of_rose(201, ASHA),
        body={
            "relationship": "family",
            "scopes": ["read"],
            "ground": "best_interests",
            "evidence": "Assessed at home by her doctor: she cannot follow who is to see what",
            "review_on": "{in_a_month}",
        },
    ),
    "end_delegation": Row(
        "/v1/patients/{rose_resident}/delegates/{delegation_of_uma_delegate}/end",
        404,
        of_rose(204, ASHA, ROSE),
        body={"reason": "no_longer_wanted"},
    ),
    "list_delegation_reviews": Row("/v1/delegation-reviews", 403, all_of(200, *CLINICIANS)),
    "list_own_delegations": Row("/v1/me/delegations", 200),
    "accept_delegation": Row(
        "/v1/me/delegations",
        201,
        {ROSE: 422, ASHA: 422} | all_of(409, IRIS, JACK, ADMIN),  # who sees no person sees none at home either
        body={"code": "{code_of_rose}"},
    ),
    "leave_delegation": Row("/v1/me/delegations/{delegation_of_uma_delegate}", 404, {UMA: 204}),
    "list_consent_texts": Row("/v1/consent-texts", 200),
    "list_consents": Row("/v1/patients/{rose_resident}/consents", 404, of_rose(200, ASHA, CARL, ROSE)),
    "give_consent": Row(
        "/v1/patients/{rose_resident}/consents",
        404,
        of_rose(201, ASHA, ROSE),
        body={"purpose": "research", "text_version": 1, "note": "Said so at the surgery"},
    ),
    "withdraw_consent": Row(
        "/v1/patients/{rose_resident}/consents/withdrawal",
        404,
        of_rose(201, ASHA, ROSE),
        body={"purpose": "care_sharing", "text_version": 2, "note": "Said so at the surgery"},
    ),
    "break_glass": Row(
        "/v1/break-glass",
        403,
        {ASHA: 409} | all_of(201, BEA, CARL, *ELSEWHERE),
        body={
            "nhs_number": "9990000026",
            "born_on": "1940-02-29",
            "reason_code": "emergency",
            "reason": "Brought in by ambulance, confused",
            "hours": 1,
        },
    ),
    "list_break_glass": Row("/v1/break-glass", 200),
    "end_break_glass": Row("/v1/break-glass/{glass_of_pia_clinician_broke_glass}", 404, {PIA: 204}),
    "list_privacy_alerts": Row("/v1/privacy-alerts", 403, {SAUL: 200}),
    "get_privacy_alert": Row("/v1/privacy-alerts/{alert_of_pia}", 403, {SAUL: 200}),
    "review_privacy_alert": Row(
        "/v1/privacy-alerts/{alert_of_pia}/review",
        403,
        {SAUL: 204},
        body={"state": "upheld", "note": "Spoke to her: the ambulance crew had asked"},
    ),
    # Care teams.
    "create_care_team": Row(
        "/v1/care-teams", 403, {ASHA: 201}, body={"organisation_id": "{practice}", "name": "Heart failure"}
    ),
    "list_care_teams": Row("/v1/care-teams", 200),
    "get_care_team": Row("/v1/care-teams/{team}", 404, {ASHA: 200, CARL: 200}),
    "rename_care_team": Row(
        "/v1/care-teams/{team}",
        403,
        {ASHA: 200, CARL: 200} | all_of(404, BEA, *ELSEWHERE),
        body={"name": "Another name"},
        headers={"If-Match": "{tag_of_team}"},
    ),
    "add_care_team_member": Row(
        "/v1/care-teams/{team}/members",
        403,
        {ASHA: 204, CARL: 204} | all_of(404, BEA, *ELSEWHERE),
        body={"account_id": "{bea_clinician_elsewhere}"},
    ),
    "remove_care_team_member": Row(
        "/v1/care-teams/{team}/members/{carl_clinician_on_care_team}",
        403,
        {ASHA: 204, CARL: 204} | all_of(404, BEA, *ELSEWHERE),
    ),
    "add_care_team_patient": Row(
        "/v1/care-teams/{team}/patients",
        403,
        {ASHA: 204} | all_of(404, BEA, CARL, *ELSEWHERE),
        body={"patient_id": "{sam_at_home}"},
    ),
    "remove_care_team_patient": Row(
        "/v1/care-teams/{team}/patients/{rose_resident}",
        403,
        {ASHA: 204, CARL: 204} | all_of(404, BEA, *ELSEWHERE),
    ),
    # Observations of Rose.
    "post_observations": Row("/v1/patients/{rose_resident}/observations", 404, of_rose(201, *RECORD), body=READING),
    "list_observations": Row("/v1/patients/{rose_resident}/observations", 404, of_rose(200, *READ)),
    "get_latest_observations": Row("/v1/patients/{rose_resident}/observations/latest", 404, of_rose(200, *READ)),
    "get_observation_series": Row(
        "/v1/patients/{rose_resident}/observations/series?sign=heart_rate", 404, of_rose(200, *READ)
    ),
    "get_observation": Row("/v1/patients/{rose_resident}/observations/{observation_of_rose}", 404, of_rose(200, *READ)),
    # What her clinician recorded is not Rose's to change or take back.
    "correct_observation": Row(
        "/v1/patients/{rose_resident}/observations/{observation_of_rose}/correction",
        404,
        of_rose(201, ASHA, CARL, GUS),
        body={"reason": "Misread", "reading": READING["readings"][0] | {"client_id": "matrix-2"}},
    ),
    "retract_observation": Row(
        "/v1/patients/{rose_resident}/observations/{observation_of_rose}/retraction",
        404,
        of_rose(200, ASHA, CARL, GUS),
        body={"reason": "Somebody else's"},
    ),
    "get_numbers": Row("/v1/patients/{rose_resident}/numbers", 404, of_rose(200, *READ)),
    "get_personal_best": Row("/v1/patients/{rose_resident}/personal-best", 404, of_rose(200, *READ)),
    "put_personal_best": Row(
        "/v1/patients/{rose_resident}/personal-best",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"value": 460, "unit": "L/min", "reason": "Blown when well"},
        headers={"If-Match": "{tag_of_best}"},
    ),
    "retract_stated_best": Row(
        "/v1/patients/{rose_resident}/personal-best/{best_of_rose}/retraction",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"reason": "Another's meter"},
    ),
    # Goals and plans of Rose.
    "create_goal": Row(
        "/v1/patients/{rose_resident}/goals",
        404,
        of_rose(201, ASHA, CARL, GUS, ROSE),
        body={"description": "To sleep through the night"},
    ),
    "list_goals": Row("/v1/patients/{rose_resident}/goals", 404, of_rose(200, *READ)),
    "get_goal": Row("/v1/patients/{rose_resident}/goals/{goal_of_rose}", 404, of_rose(200, *READ)),
    "put_goal_in_other_words": Row(
        "/v1/patients/{rose_resident}/goals/{goal_of_rose}",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"description": "To walk to the shop and back", "why": None, "target": None, "scale": None},
        headers={"If-Match": "{tag_of_goal}"},
    ),
    "change_goal_status": Row(
        "/v1/patients/{rose_resident}/goals/{goal_of_rose}/status",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"lifecycle_status": "accepted", "note": "Agreed with her"},
    ),
    "rate_goal": Row(
        "/v1/patients/{rose_resident}/goals/{scaled_goal_of_rose}/ratings",
        404,
        of_rose(201, ASHA, CARL, ROSE),
        body={"client_id": "matrix-rating", "level": 1},
    ),
    "get_goal_attainment": Row("/v1/patients/{rose_resident}/goal-attainment", 404, of_rose(200, *READ)),
    "publish_action_plan": Row(
        "/v1/patients/{rose_resident}/action-plans",
        404,
        of_rose(201, ASHA, CARL, ROSE),
        body={
            "title": "Every evening",
            "agreed_on": "{today}",
            "review_on": "{today}",
            "actions": [{"title": "Feet up", "schedule": {"rrule": "FREQ=DAILY"}}],
        },
    ),
    "list_action_plans": Row("/v1/patients/{rose_resident}/action-plans", 404, of_rose(200, *READ)),
    "get_action_plan": Row("/v1/patients/{rose_resident}/action-plans/{plan_of_rose}", 404, of_rose(200, *READ)),
    "get_action_plan_zone": Row(
        "/v1/patients/{rose_resident}/action-plans/{plan_of_rose}/zone", 404, of_rose(200, *READ)
    ),
    "acknowledge_action_plan": Row(
        "/v1/patients/{rose_resident}/action-plans/{plan_of_rose}/acknowledgements",
        404,
        # Her niece reads and records for her.
        of_rose(201, ROSE, UMA),
        body={"client_id": "matrix-said", "answer": "understood", "said_at": "{recently}"},
    ),
    "answer_plan_question": Row(
        "/v1/patients/{rose_resident}/action-plans/{plan_of_rose}/acknowledgements/{question_of_rose}/answer",
        404,
        of_rose(200, ASHA, CARL),
        body={"note": "Yes, with good shoes."},
    ),
    "list_plan_questions": Row("/v1/plan-questions", 403, all_of(200, *CLINICIANS)),
    "get_care_plan_in_force": Row("/v1/patients/{rose_resident}/care-plan", 404, of_rose(200, *READ)),
    "draft_care_plan": Row(
        "/v1/patients/{rose_resident}/care-plans",
        404,
        # Her niece reads and records for her; Vic, who only records, cannot know what is in force.
        of_rose(201, ASHA, CARL, GUS, ROSE, UMA),
        body={
            "client_id": "matrix",
            "review_on": "{today}",
            "supersedes_id": "{care_plan_of_rose}",
            "sections": [{"section": "people", "text": "My niece", "words_of": "person"}],
        },
    ),
    "list_care_plans": Row("/v1/patients/{rose_resident}/care-plans", 404, of_rose(200, *READ)),
    "get_care_plan": Row("/v1/patients/{rose_resident}/care-plans/{care_plan_of_rose}", 404, of_rose(200, *READ)),
    "publish_care_plan": Row(
        "/v1/patients/{rose_resident}/care-plans/{care_plan_draft_of_rose}/publication",
        404,
        # 422: who agrees for themself does not say for whom.
        of_rose(200, ASHA, CARL) | {ROSE: 422},
        body={"agreement": "with_person"},
    ),
    "withdraw_care_plan": Row(
        "/v1/patients/{rose_resident}/care-plans/{care_plan_draft_of_rose}/withdrawal",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"reason": "Not so"},
    ),
    "list_plan_templates": Row("/v1/plan-templates", 200),
    "get_plan_template": Row("/v1/plan-templates/heart_failure", 200),
    "end_action_plan": Row(
        "/v1/patients/{rose_resident}/action-plans/{plan_of_rose}/end",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"reason": "A new one is being made"},
    ),
    "complete_action": Row(
        "/v1/patients/{rose_resident}/action-plans/{plan_of_rose}/actions/{action_of_rose}/completions",
        404,
        of_rose(201, *RECORD),
        body={"client_id": "matrix-3", "done_at": "{recently}"},
    ),
    "list_plan_reviews": Row("/v1/reviews", 403, all_of(200, *CLINICIANS)),
    "retract_completion": Row(
        "/v1/patients/{rose_resident}/action-plans/{plan_of_rose}/actions/{action_of_rose}/completions"
        "/{completion_of_rose}/retraction",
        404,
        # Her clinician recorded it, so she does not take it back.
        of_rose(200, ASHA, CARL, GUS),
        body={"reason": "Pressed by mistake"},
    ),
    "create_pause": Row(
        "/v1/patients/{rose_resident}/pauses",
        404,
        of_rose(201, ASHA, CARL, ROSE),
        body={"kind": "holiday", "from_on": "{today}"},
    ),
    "list_pauses": Row("/v1/patients/{rose_resident}/pauses", 404, of_rose(200, *READ)),
    "end_pause": Row("/v1/patients/{rose_resident}/pauses/{pause_of_rose}/end", 404, of_rose(200, ASHA, CARL, ROSE)),
    "get_time_zone": Row("/v1/patients/{rose_resident}/time-zone", 404, of_rose(200, *READ)),
    "put_time_zone": Row(
        "/v1/patients/{rose_resident}/time-zone",
        404,
        of_rose(200, ASHA, CARL, ROSE),
        body={"time_zone": "Europe/Lisbon"},
        headers={"If-Match": "{tag_of_time_zone}"},
    ),
    # Rose's diary: her clinician wrote the entry, so she does not take it back.
    "list_symptoms": Row("/v1/symptoms", 200),
    "create_diary_entry": Row(
        "/v1/patients/{rose_resident}/diary",
        404,
        of_rose(201, *RECORD),
        body={"effective_at": "{recently}", "symptoms": [{"symptom": "cough", "level": 1}]},
    ),
    "list_diary_entries": Row("/v1/patients/{rose_resident}/diary", 404, of_rose(200, *READ)),
    "get_diary_entry": Row("/v1/patients/{rose_resident}/diary/{entry_of_rose}", 404, of_rose(200, *READ)),
    "retract_diary_entry": Row(
        "/v1/patients/{rose_resident}/diary/{entry_of_rose}/retraction",
        404,
        of_rose(200, ASHA, CARL, GUS),
        body={"reason": "Somebody else's"},
    ),
    # Questionnaires, and the alert that an answer of hers raised, which Asha has acknowledged already.
    "list_questionnaires": Row("/v1/questionnaires", 200),
    "get_questionnaire": Row("/v1/questionnaires/phq-9", 200),
    "answer_questionnaire": Row(
        "/v1/patients/{rose_resident}/questionnaire-responses",
        404,
        of_rose(201, *RECORD),
        body={
            "questionnaire": "mrc-dyspnoea",
            "version": "1",
            "authored_at": "{recently}",
            "answers": [{"link_id": "grade", "value": 3}],
        },
    ),
    "list_questionnaire_responses": Row(
        "/v1/patients/{rose_resident}/questionnaire-responses", 404, of_rose(200, *READ)
    ),
    "get_questionnaire_response": Row(
        "/v1/patients/{rose_resident}/questionnaire-responses/{response_of_rose}", 404, of_rose(200, *READ)
    ),
    "retract_questionnaire_response": Row(
        "/v1/patients/{rose_resident}/questionnaire-responses/{response_of_rose}/retraction",
        404,
        of_rose(200, ASHA, CARL, GUS),
        body={"reason": "Somebody else's"},
    ),
    "list_open_alerts": Row("/v1/alerts", 200),
    "list_alerts": Row("/v1/patients/{rose_resident}/alerts", 404, of_rose(200, *READ)),
    "get_alert": Row("/v1/patients/{rose_resident}/alerts/{safety_alert_of_rose}", 404, of_rose(200, *READ)),
    "acknowledge_alert": Row(
        "/v1/patients/{rose_resident}/alerts/{safety_alert_of_rose}/acknowledgement",
        404,
        of_rose(200, ASHA) | {CARL: 409},
        body={"note": "Calling"},
    ),
    "resolve_alert": Row(
        "/v1/patients/{rose_resident}/alerts/{safety_alert_of_rose}/resolution",
        404,
        of_rose(200, ASHA, CARL),
        body={"outcome": "spoke_with_them"},
    ),
    # Pathways, contacts and outcomes. A commissioner sees figures, never a person.
    "create_pathway": Row(
        "/v1/pathways",
        403,
        {ADMIN: 201, IRIS: 201, JACK: 404},
        body={
            "commissioner_id": "{commissioner}",
            "code": "new-pathway",
            "name": "A new pathway",
            "description": "For the matrix",
        },
    ),
    "list_pathways": Row("/v1/pathways", 200),
    "enrol_patient": Row(
        "/v1/pathways/{pathway}/enrolments",
        404,
        {ASHA: 201, IRIS: 403},
        body={"patient_id": "{sam_at_home}", "enrolled_on": "{today}"},
    ),
    "list_enrolments": Row(
        "/v1/pathways/{pathway}/enrolments", 404, all_of(200, ASHA, BEA, CARL, *ELSEWHERE) | all_of(403, IRIS, ADMIN)
    ),
    "end_enrolment": Row(
        "/v1/enrolments/{enrolment_of_rose}/end",
        404,
        of_rose(204, ASHA, CARL) | BY_ITS_OWN_ID | NOT_THERE_TO_READ,
        body={"ended_on": "{today}", "reason": "completed"},
    ),
    "post_contacts": Row(
        "/v1/contacts",
        404,
        of_rose(201, ASHA, CARL, GUS),
        body={
            "patient_id": "{rose_resident}",
            "contacts": [{"kind": "gp_home_visit", "started_at": "{recently}", "organisation_id": "{practice}"}],
        },
    ),
    "post_contact_import": Row(
        "/v1/contacts/imports", 403, {ADMIN: 202, JACK: 202}, text="nhs_number,kind\n9990000018,gp_home_visit\n"
    ),
    "get_contact_import": Row("/v1/contacts/imports/{import_of_jack}", 404, {ADMIN: 200, JACK: 200}),
    # Webhooks: of a practice or care home, by who administers it.
    "register_webhook": Row(
        "/v1/webhooks",
        403,
        {ADMIN: 201, JACK: 201},
        body={"organisation_id": "{practice}", "url": "https://localhost/tendwell", "kinds": ["goal.changed"]},
        headers={"Idempotency-Key": "the-matrix-asks-this-once"},
    ),
    "list_webhooks": Row("/v1/webhooks", 403, {ADMIN: 200, JACK: 200}),
    "get_webhook": Row("/v1/webhooks/{webhook}", 403, {ADMIN: 200, JACK: 200}),
    "put_webhook_right": Row(
        "/v1/webhooks/{webhook}",
        403,
        {ADMIN: 200, JACK: 200},
        body={"url": "https://localhost/elsewhere", "kinds": ["goal.changed"]},
        headers={"If-Match": "{tag_of_webhook}"},
    ),
    "list_deliveries": Row("/v1/webhooks/{webhook}/deliveries", 403, {ADMIN: 200, JACK: 200}),
    "end_webhook": Row("/v1/webhooks/{webhook}", 403, {ADMIN: 204, JACK: 204}),
    # Anonymous: whoever asks, it is the same. Read by who works there, and by who commissions it.
    "give_feedback": Row("/v1/organisations/{practice}/feedback", 204, body={"experience": "good"}, anonymous=204),
    "get_feedback": Row("/v1/organisations/{practice}/feedback", 404, all_of(200, ASHA, IRIS, JACK)),
    "get_outcome_summary": Row("/v1/outcomes/summary?pathway_id={pathway}", 404, {IRIS: 200}),
}
