"""What each group of operations in the API's description is about."""

from __future__ import annotations

from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "access": "What the caller may see, and why.",
    "access log": "Who looked at a record, and why they could.",
    "accounts": "Who can sign in, by what name, in which roles; the caller's own account.",
    "action plans": "What was agreed to be done, when it is due, and what was done of it.",
    "alerts": "That somebody should look at a person, who has seen that, and what came of it.",
    "board": "All of the caller's patients at a glance.",
    "break-glass": "Opening a record in an emergency, and the review of that.",
    "care plans": "What matters to a person, what they need and wish, and what to do if they become unwell.",
    "care teams": "Teams, who is in them, whom they care for; who cares for a patient.",
    "consents": "What a person has agreed to, in which words, and since when.",
    "contacts": "Uses of services that outcomes are counted from.",
    "delegates": "People who act for another person.",
    "diary": "What a person noticed, in their own words and as symptoms of a catalogue.",
    "factors": "Second factors: authenticator apps, recovery codes, confirming who one is.",
    "goals": "What a person wants to achieve, and how far it has come.",
    "health": "Whether a process runs and can serve; its figures.",
    "invitations": "Letters by which people get an account.",
    "keys": "Public keys by which others check what is signed here.",
    "live": "Tickets for the live feed, a websocket (docs/live-protocol.md).",
    "notifications": "How one is told that something is there: by which ways, where, when not, and what was sent.",
    "numbers": "What a person's readings say: averages, ranges, changes and trends; their best peak flow.",
    "observations": "Readings sent and observations recorded: one vital sign at one instant each.",
    "offline": "A phone's copy of its owner's record, and what was done without a network (docs/offline.md).",
    "organisations": "Practices, care homes, networks and commissioners.",
    "outcomes": "What became of the people on a pathway, as counts that name nobody.",
    "passkeys": "Passkeys (WebAuthn): making, naming, removing them, and signing in by one.",
    "pathways": "Services that people are enrolled on.",
    "patients": "Records, whose they are, and where people live.",
    "problems": "The kinds of refusal (RFC 9457), each explained.",
    "questionnaires": "What people are asked, what they answered, and what it adds up to.",
    "rights": "What people may ask of their record, and copies of it.",
    "sessions": "Signing in, staying signed in, signing out.",
    "today": "A person's own day: what is due, where their goals stand, what is open.",
    "webhooks": "Other systems that are told that something changed.",
}
