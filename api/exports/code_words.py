"""The codes of a record in plain words, as the person whose record it is reads them. Pure data.

A test holds each table to the codes that there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.accounts.session_age import LIFETIMES, WEB_IDLE, SessionKind

YOURSELF = "You"
# Who did something, by what tied them to the person.
BASES: Mapping[str, str] = {
    "self": YOURSELF,
    "delegate": "Somebody who acts for you",
    "care_home": "Care home staff",
    "care_team": "A care team",
    "practice": "Your practice",
    "break_glass": "A clinician in an emergency",
}
PARTIES: Mapping[str, str] = {
    "patient": YOURSELF,
    "clinician": "A clinician",
    "care_home_staff": "Care home staff",
    "delegate": "Somebody who acts for you",
}
PAUSES: Mapping[str, str] = {
    "holiday": "On holiday",
    "in_hospital": "In hospital",
    "unwell": "Unwell",
    "other": "Something else",
}
READING_STANDS: Mapping[str, str] = {
    "final": "",
    "corrected": "Put right: this replaces an earlier reading",
    "superseded": "Put right since: this no longer counts",
    "entered-in-error": "Withdrawn, as it was entered in error: this does not count",
}
LIFECYCLES: Mapping[str, str] = {
    "proposed": "Suggested",
    "planned": "Planned, not accepted yet",
    "accepted": "Accepted, not begun",
    "active": "Under way",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "rejected": "Declined",
    "entered-in-error": "Entered in error",
}
ACHIEVEMENTS: Mapping[str, str] = {
    "in-progress": "In progress",
    "improving": "Improving",
    "worsening": "Worsening",
    "no-change": "No change",
    "achieved": "Achieved",
    "sustaining": "Achieved and kept",
    "not-achieved": "Not achieved",
    "no-progress": "No progress",
    "not-attainable": "Cannot be achieved",
}
SUGGESTIONS: Mapping[str, str] = {
    "in-progress": "The readings suggest: in progress",
    "improving": "The readings are moving towards the target",
    "worsening": "The readings are moving away from the target",
    "no-change": "The readings stay about where they were at the start",
    "achieved": "The readings of the last 7 days meet the target",
    "sustaining": "The readings still meet the target",
    "not-achieved": "The day of the target is over, and the readings do not meet it",
    "no-progress": "The readings suggest: no progress",
    "not-attainable": "The readings suggest: cannot be achieved",
}
ENOUGH: Mapping[str, str] = {
    "none": "No readings since the goal began",
    "not_enough": "Too few readings yet to say how it goes",
    "stale": "The latest reading is too old to say how it goes",
    "enough": "Enough readings to say how it goes",
}
COUNT_SUGGESTIONS: Mapping[str, str] = {
    "in-progress": "What was done: under way",
    "improving": "More was done lately as the target wants it",
    "worsening": "What was done lately is further from the target",
    "no-change": "About as often as before",
    "achieved": "What was done meets the target",
    "sustaining": "What was done still meets the target",
    "not-achieved": "The day of the target is over, or it was gone beyond, and the target is not met",
}
COUNT_ENOUGH: Mapping[str, str] = {
    "none": "Nothing was noted since the goal began",
    "not_enough": "Too little time has passed yet to say how it goes",
    "stale": "What was noted last is too long ago to say how it goes",
    "enough": "Enough was noted to say how it goes",
}
TIMES_SIDES: Mapping[str, str] = {"<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least"}
PER: Mapping[str, str] = {"/d": "a day", "/wk": "a week", "1": "in all"}
LEVELS: Mapping[str, str] = {
    "much_less_than_expected": "Much less than expected (-2)",
    "less_than_expected": "Less than expected (-1)",
    "expected": "As expected (0)",
    "more_than_expected": "More than expected (+1)",
    "much_more_than_expected": "Much more than expected (+2)",
}
SIDES: Mapping[str, str] = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}
CARE_PLAN_STANDS: Mapping[str, str] = {
    "draft": "A draft: not in force",
    "published": "In force",
    "superseded": "No longer in force: another took its place",
    "withdrawn": "A draft that was taken back or declined: never in force",
    "overtaken": "A draft: never in force, because another came first",
}
AGREEMENTS: Mapping[str, str] = {
    "by_person": "By yourself",
    "by_delegate": "By somebody who decides for you in law",
    "with_person": "With you, as your clinician says",
    "best_interests": "In your best interests, because you could not decide about it",
}
WORDS_OF: Mapping[str, str] = {
    "person": "Your own words",
    "carer": "Words of somebody who cares for you",
    "clinician": "Words of a clinician",
}
PLAN_ANSWERS: Mapping[str, str] = {"understood": "Read and understood", "question": "There is a question"}
COLOURS: Mapping[str, str] = {"green": "Green", "amber": "Amber", "red": "Red"}
ZONE_BASES: Mapping[str, str] = {
    "latest": "the latest",
    "in_a_row": "one after the other, {times}",
    "change": "the latest less the lowest of the days before it",
    "percent_of_best": "the latest as a share of your best",
}
CONDITIONS: Mapping[str, str] = {
    "heart_failure": "heart failure",
    "copd": "COPD",
    "asthma": "asthma",
    "diabetes": "diabetes",
    "hypertension": "high blood pressure",
}
PLAN_STANDS: Mapping[str, str] = {"active": "In force", "ended": "Ended"}
RESPONSE_STANDS: Mapping[str, str] = {
    "completed": "Everything was answered",
    "stopped": "Not everything was answered, so that there is no total",
    "entered-in-error": "Withdrawn, as it was entered in error: this does not count",
}
TIME_STANDS: Mapping[str, str] = {
    "corrected": "This is when it was, as the clock of the device, which was wrong, tells how long ago that is",
    "received": "This is when it reached Tendwell",
}
ALERT_STANDS: Mapping[str, str] = {
    "raised": "Your care team was told",
    "acknowledged": "Somebody has seen it",
    "resolved": "Over",
}
ALERT_STEPS: Mapping[str, str] = {
    "raised": "The care team was told",
    "evidence_added": "The care team was told again",
    "evidence_withdrawn": "What it rested on was entered in error",
    "acknowledged": "Somebody has seen it",
    "resolved": "What came of it was recorded",
}
LEFT_PATHWAY: Mapping[str, str] = {
    "completed": "Completed",
    "died": "Death",
    "moved": "Moved away",
    "withdrew": "Withdrew",
    "other": "Another reason",
}
CONTACTS: Mapping[str, str] = {
    "gp_face_to_face": "GP appointment, face to face",
    "gp_home_visit": "GP home visit",
    "gp_telephone": "GP appointment by telephone",
    "gp_video": "GP appointment by video",
    "e_consultation": "Online consultation",
    "community_nurse_visit": "Community nurse visit",
    "nhs_111": "NHS 111",
    "out_of_hours": "Out-of-hours service",
    "ambulance": "Ambulance",
    "emergency_attendance": "Emergency department (A&E)",
    "emergency_admission": "Emergency admission to hospital",
    "outpatient": "Outpatient appointment",
}
PURPOSES: Mapping[str, str] = {
    "care_sharing": "Sharing your record with those who care for you",
    "delegate": "Letting somebody act for you",
    "research": "Using your record beyond your own care",
    "national_data_opt_out": "Your national data opt-out",
}
PROVISIONS: Mapping[str, str] = {"permit": "Yes", "deny": "No"}
OPT_OUTS: Mapping[str, str] = {"permit": "Opt-out removed", "deny": "Opt-out recorded"}
AUTHORITIES: Mapping[str, str] = {
    "person": "In your own right",
    "delegate_by_law": "In the right of somebody whom the law lets decide for you",
    "practice_on_behalf": "As you had asked your practice",
}
CONSENT_STANDS: Mapping[str, str] = {"active": "In force", "inactive": "No longer in force"}
RELATIONSHIPS: Mapping[str, str] = {
    "parent": "Parent",
    "partner": "Husband, wife or partner",
    "family": "Family",
    "friend": "Friend",
    "carer": "Carer",
    "attorney": "Attorney",
    "deputy": "Deputy",
    "other": "Somebody else",
}
SCOPES: Mapping[str, str] = {
    "read": "see your record",
    "record": "add readings",
    "message": "write to your care team",
    "decide": "decide who your record is shared with",
}
SCOPES_FOR_OTHERS: Mapping[str, str] = {
    "read": "see their record",
    "record": "add readings",
    "message": "write to their care team",
    "decide": "decide who their record is shared with",
}
GROUNDS: Mapping[str, str] = {
    "consent": "You chose them",
    "parental_responsibility": "By law: parental responsibility",
    "lasting_power_of_attorney": "By law: a lasting power of attorney for health and welfare",
    "court_deputy": "By law: appointed by the Court of Protection",
    "best_interests": "By law: in your best interests, without deciding anything for you",
}
DELEGATE_STANDS: Mapping[str, str] = {
    "offered": "The code has not been used yet",
    "not_accepted": "The code ran out unused",
    "not_yet": "Begins later",
    "active": "Can act for you",
    "over": "Over: its time ran out",
    "ended": "Ended",
}
DELEGATE_ENDS: Mapping[str, str] = {
    "no_longer_wanted": "It was no longer wanted",
    "relationship_ended": "The relationship had ended",
    "capacity_regained": "You could decide for yourself again",
    "safeguarding": "To keep you safe",
    "delegate_left": "They gave it up themselves",
    "consent_withdrawn": "You withdrew your consent to let others act",
    "replaced": "A newer code took its place",
}
REASONS: Mapping[str, str] = {
    "emergency": "An emergency",
    "safeguarding": "To keep somebody safe",
    "urgent_care": "Urgent care",
    "patient_asked": "You asked for it",
}
FINDINGS: Mapping[str, str] = {
    "open": "Not looked into yet",
    "upheld": "There was good reason",
    "reviewed": "Looked into",
    "escalated": "Handed on, to be looked into further",
}
INVITATIONS: Mapping[str, str] = {
    "open": "Open",
    "accepted": "Accepted",
    "revoked": "Taken back",
    "lapsed": "Ran out unused",
}
WAYS: Mapping[str, str] = {
    "password": "A password",
    "authenticator_app": "Codes of an authenticator app",
    "recovery_codes": "Recovery codes",
    "passkey": "A passkey",
    "identity_provider": "NHS login, or another identity provider",
}
# Which rules it lasts by; what it was opened on is what the program said of itself, and nothing else is known.
SESSIONS: Mapping[str, str] = {
    "web": f"Ends after {WEB_IDLE // timedelta(minutes=1)} minutes without use, and after "
    f"{LIFETIMES[SessionKind.web] // timedelta(hours=1)} hours",
    "app": f"Ends after {LIFETIMES[SessionKind.app].days} days",
}
SAID_TO_BE: Mapping[str, str] = {
    "browser": "In a browser, by what it said of itself",
    "app": "In an app, by what it said of itself",
    "neither": "It did not say that it is a browser or an app",
}
OPENED_WITH: Mapping[str, str] = {
    "password": "A password",
    "password_and_totp": "A password and a code of an app",
    "password_and_recovery_code": "A password and a recovery code",
    "passkey": "A passkey",
    "provider": "An identity provider",
    "provider_and_totp": "An identity provider and a code of an app",
    "provider_and_recovery_code": "An identity provider and a recovery code",
}
SESSION_ENDS: Mapping[str, str] = {
    "signed_out": "You signed out",
    "ended_by_owner": "You ended it from elsewhere",
    "password_changed": "The password was changed",
    "password_reset": "A new password was set",
    "factors_reset": "The second step was reset",
    "account_disabled": "The account was shut",
    "account_closed": "The account was closed",
    "role_given": "You were given a role",
    "refresh_token_elsewhere": "Its key was used from another device",
    "refresh_token_reused": "Its key was used twice",
}
REQUESTS: Mapping[str, str] = {
    "correction": "To put something right",
    "erasure": "To erase something",
    "restriction": "To limit how something is used",
    "close_account": "To close your account",
}
DECISIONS: Mapping[str, str] = {"granted": "Done as you asked", "partly": "Done in part", "refused": "Not done"}
NOTICES: Mapping[str, str] = {
    "something_due": "Something is due",
    "something_new": "Something is new",
    "message": "A message",
    "try_out": "You tried it out",
    "confirm": "A code, to show that it is yours",
}
CHANNELS: Mapping[str, str] = {
    "web_push": "In a browser",
    "apns": "On an Apple device",
    "fcm": "On an Android device",
    "sms": "By text message",
    "email": "By email",
}
LANGUAGES: Mapping[str, str] = {"en": "English", "cy": "Welsh"}
ADDRESS_ENDS: Mapping[str, str] = {
    "removed": "You removed it",
    "gone": "It could not be reached any more",
    "taken_over": "Somebody else showed that it is theirs, and is told there now",
    "wrong_codes": "Its code was typed wrong five times",
}
NOTICE_STATES: Mapping[str, str] = {
    "waiting": "Not sent yet",
    "accepted": "Taken to be brought to you",
    "delivered": "It reached your telephone or mailbox",
    "failed": "It did not reach you",
    "dropped": "Not sent",
}
# What those who bring notices answered stands as they said it.
NOTICE_REASONS: Mapping[str, str] = {
    "too_late": "It was too late for it",
    "address_ended": "You can be told nothing there any more",
    "account_closed": "The account was closed",
    "not_confirmed": "It was not shown that this is yours",
    "confirmed_already": "It was confirmed already",
    "not_wanted": "You did not want it any more",
    "not_theirs": "The record was not yours any more",
    "withdrew": "You had withdrawn",
    "restricted": "You had asked that your data be used for nothing",
    "not_due": "It was done, skipped, paused or over",
    "not_new": "It was no longer new",
    "address_refused": "There is nobody at this number or address",
    "not_reached": "The telephone or mailbox could not be reached for three days",
    "not_brought": "Whoever brings it could not",
}
