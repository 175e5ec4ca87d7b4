"""The audit trail in plain words: what was done, in what role, and why it was allowed. Pure.

Every action that the trail can hold has its words here, or a test fails. {your} and its kind are filled in for who
reads: the patient themself, or somebody who reads it for them.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.observations.catalogue import CATALOGUE

ACTIONS: Mapping[str, str] = {
    "access.read": "read who sees {your} record by their work",
    "access_log.read": "read the list of who looked at {your} record",
    "account.close": "closed an account for good",
    "account.create": "created an account",
    "account.disable": "disabled an account",
    "account.first_password": "replaced their first password with one of their own",
    "account.list": "read the list of accounts",
    "account.read": "read an account's name, email address and roles",
    "account.read_trail": "read what was done with an account",
    "account.rename": "changed the name on an account",
    "action.complete": "marked a step of {your} action plan as done or skipped",
    "action.list": "read which steps of {your} action plans were done",
    "action.retract": "took back that a step of {your} action plan was done or skipped",
    "action_plan.acknowledge": "said that {your} action plan was understood, or asked about it",
    "action_plan.answer": "answered a question about {your} action plan",
    "action_plan.end": "ended {your} action plan",
    "action_plan.list": "read the list of {your} action plans",
    "action_plan.publish": "agreed an action plan for {you}",
    "action_plan.read": "read {your} action plan",
    "administrator.create": "made the first administrator",
    "alert.acknowledge": "said that they had seen an alert about {you}",
    "alert.list": "read the alerts about {you}",
    "alert.list_open": "saw an alert about {you} among those of their patients",
    "alert.raise": "gave an answer that raised an alert about {you}",
    "alert.read": "read an alert about {you}",
    "alert.resolve": "recorded what came of an alert about {you}",
    "audit.database_changed": "moved the records to another database server",
    "audit.remove": "removed the oldest part of the audit trail, as its time was over",
    "board.read": "saw {your} latest readings on the board of all their patients",
    "break_glass.end": "closed {your} record again, which they had opened in an emergency",
    "break_glass.list_of_record": "read when {your} record was opened in an emergency, and what came of it",
    "break_glass.list_own": "read the list of records they opened in an emergency",
    "break_glass.open": "opened {your} record in an emergency",
    "break_glass.refused": "asked for emergency access to {your} record, and was refused",
    "care_plan.draft": "drafted a care and support plan for {you}",
    "care_plan.list": "read the list of {your} care and support plans",
    "care_plan.publish": "put {your} care and support plan in force",
    "care_plan.read": "read {your} care and support plan",
    "care_plan.withdraw": "took back or declined a draft of {your} care and support plan",
    "care_team.add_member": "put somebody on a care team",
    "care_team.add_patient": "put {you} on a care team's list",
    "care_team.create": "made a care team",
    "care_team.list": "saw that {you} {are} on a care team's list",
    "care_team.read": "saw that {you} {are} on a care team's list",
    "care_team.remove_member": "took somebody off a care team",
    "care_team.remove_patient": "took {you} off a care team's list",
    "care_team.rename": "renamed a care team",
    "changes.read": "read what had changed in {your} record",
    "consent.give": "recorded that {you} gave consent",
    "consent.list": "read the choices that {you} {have} made about {your} record",
    "consent.refuse": "recorded that {you} said no to a use of {your} record",
    "consent.withdraw": "recorded that {you} withdrew consent",
    "contact.check": "sent a file of visits in which {your} NHS number was found",
    "contact.create": "recorded {your} visits or admissions",
    "contact.delete": "removed visits or admissions that had come from a file",
    "contact.list": "read {your} visits and admissions",
    "contact_import.create": "sent a file of visits and admissions",
    "delegation.accept": "accepted to act for {you}",
    "delegation.end": "ended somebody's permission to act for {you}",
    "delegation.leave": "gave up acting for {you}",
    "delegation.list": "read the list of who may act for {you}",
    "delegation.list_reviews": "checked whose right to act for somebody by law ends soon",
    "delegation.remind": "sent a reminder that somebody's right to act for {you} ends soon",
    "delegation.unattended": "reported that {your} practice has no clinician to review somebody's right to act for "
    "{you}, which ends soon",
    "delegation.list_own": "read the list of people they act for",
    "delegation.offer": "asked somebody to act for {you}",
    "delegation.record": "recorded who may act for {you} by law",
    "diary.create": "wrote in {your} diary",
    "diary.list": "read {your} diary",
    "diary.read": "read an entry of {your} diary",
    "diary.retract": "marked an entry of {your} diary as entered in error",
    "enrolment.create": "put {you} on a care pathway",
    "enrolment.end": "ended {your} time on a care pathway",
    "enrolment.list": "saw that {you} {are} on a care pathway",
    "feedback.read": "read what people said of a service, anonymously",
    "factor.begin": "began to set up a second step for signing in",
    "factor.enrol": "set up a second step for signing in",
    "factor.recovery_codes": "made new recovery codes",
    "factor.list_own": "read how they sign in",
    "factor.refuse": "gave a wrong code when signing in",
    "factor.rename": "gave a second step for signing in another name",
    "factor.counter_regressed": "was refused: a copied passkey was tried",
    "provider.link": "signed in by NHS login, or another identity provider, for the first time",
    "provider.refuse": "was refused: an identity provider's login of another person was tried",
    "factor.remove": "removed a second step for signing in",
    "factor.reset": "reset the second step for signing in of an account",
    "goal.attainment": "read what {your} goals come to together",
    "goal.change_status": "changed where one of {your} goals stands",
    "goal.create": "added a goal of {yours}",
    "goal.list": "read {your} goals",
    "goal.rate": "rated how far one of {your} goals has come",
    "goal.read": "read one of {your} goals and the readings it is judged by",
    "goal.reword": "changed the wording of one of {your} goals",
    "invitation.accept": "accepted an invitation",
    "invitation.list": "read the list of invitations",
    "invitation.list_own": "read how {you} {were} invited to {your} record",
    "invitation.make": "invited somebody",
    "invitation.wrong_birth_date": "turned away somebody who used {your} invitation with another date of birth",
    "invitation.refuse": "turned away somebody else who tried to use {your} invitation",
    "invitation.revoke": "took an invitation back",
    "key.make": "made a signing key",
    "key.reseal": "sealed stored secrets anew",
    "key.retire": "retired a signing key",
    "membership.end": "ended somebody's role",
    "membership.grant": "gave somebody a role",
    "numbers.read": "read what {your} readings say: averages, ranges and trends",
    "observation.correct": "corrected one of {your} {readings}",
    "observation.create": "recorded {your} readings",
    "observation.latest": "read {your} latest readings",
    "observation.list": "read {your} {readings}",
    "observation.read": "read one of {your} {readings}",
    "observation.retract": "marked one of {your} {readings} as entered in error",
    "observation.remove": "removed readings whose time was over, and kept their daily summaries",
    "observation.series": "looked at a chart of {your} {readings}",
    "observation.unwatch": "closed a screen that showed {your} readings as they came in",
    "observation.watch": "opened a screen that shows {your} readings as they come in",
    "notice.choose": "chose what to be told of, and how",
    "notice.confirm_address": "gave back the code that was sent to an address of theirs",
    "notice.keep_address": "gave an address where they can be told something",
    "notice.list_addresses": "read where they can be told something",
    "notice.list_choices": "read what they chose to be told of",
    "notice.list_sent": "read what they were told lately",
    "notice.remove_address": "gave up an address where they could be told something",
    "notice.try_out": "had a notice sent to an address of theirs, to try it out",
    "organisation.create": "added an organisation",
    "organisation.rename": "renamed an organisation",
    "outcome.read": "read figures about a care pathway",
    "own_export.ask": "asked for a copy of everything in {your} record",
    "own_export.hand_over": "downloaded a copy of everything in {your} record",
    "password.change": "changed a password",
    "password.reset": "set a new password after forgetting the old one",
    "password.reset_asked": "asked for a new password",
    "pathway.create": "made a care pathway",
    "pause.create": "paused {your} action plans",
    "pause.end": "ended a pause of {your} action plans",
    "pause.list": "read when {your} action plans were paused",
    "patient.change_nhs_number": "changed {your} NHS number",
    "patient.correct": "corrected {your} name or date of birth",
    "patient.history": "read {your} former names and details",
    "patient.link_account": "linked an account to {your} record",
    "patient.list": "saw {your} name and details in a list of their patients",
    "patient.read": "read {your} name and details",
    "patient.register": "registered {you} at a practice",
    "patient.register_refused": "tried to register somebody under {your} NHS number, and was told that it is "
    "registered already",
    "personal_best.read": "read what {your} best peak flow is",
    "personal_best.retract": "took back, as entered in error, what {your} best peak flow was said to be",
    "personal_best.state": "stated what {your} best peak flow is",
    "plan_question.list": "saw {your} name in a list of questions about plans",
    "plan_review.list": "saw {your} name in a list of plans to be reviewed",
    "privacy_alert.list": "read the alerts about records opened in an emergency",
    "privacy_alert.read": "asked whose record had been opened in an emergency, and was told that it was {yours}",
    "privacy_alert.review": "recorded what they found out about {your} record being opened in an emergency",
    "questionnaire.answer": "recorded {your} answers to a questionnaire",
    "questionnaire.list": "read {your} answers to questionnaires",
    "questionnaire.read": "read {your} answers to a questionnaire",
    "questionnaire.retract": "marked {your} answers to a questionnaire as entered in error",
    "request.repeat": "asked again for the result of something they had done",
    "residence.end": "recorded that {you} left a care home",
    "residence.list": "read which care homes {you} {have} lived in",
    "residence.start": "recorded that {you} moved into a care home",
    "rights_request.ask": "asked for {your} record to be corrected, erased or restricted, or for {your} account "
    "to be closed",
    "rights_request.decide": "answered a request about {your} record",
    "rights_request.list": "read the requests about {your} record",
    "rights_request.withdraw": "took back a correction of {your} record that {you} had asked for",
    "session.begin": "gave a password, and was asked for the second step",
    "session.confirm": "confirmed who they are",
    "session.confirm_refused": "failed to confirm who they are",
    "session.end": "signed out",
    "session.list_own": "read where they are signed in",
    "session.open": "signed in",
    "time_zone.read": "read in which time zone {your} days are reckoned",
    "time_zone.set": "chose the time zone in which {your} days are reckoned",
    "today.read": "read what {your} day holds: what is due, goals and open alerts",
    "webhook.disable": "stopped sending notices to another computer system, which had not answered for days",
    "webhook.end": "stopped sending notices to another computer system",
    "webhook.put_right": "changed which other computer system gets notices, or about what",
    "webhook.register": "named another computer system to be sent notices",
    "webhook.tell": "let the organisation's own computer system know that {your} record had changed",
    "zone.read": "read in which zone of {your} plan {you} {are}, and why",
}
BASES: Mapping[str, str] = {
    "self": "It is {your} own record",
    "delegate": "They act for {you}",
    "care_home": "They work in the care home where {you} lived then",
    "care_team": "They belong to a care team that had {you} on its list",
    "practice": "They work at {your} practice",
    "break_glass": "They opened the record in an emergency, and had to say why",
    "registration": "They register patients at a practice",
    "privacy_review": "They are responsible for privacy, and check why {your} record was opened in an emergency",
    "rights_review": "They are responsible for privacy, and so for requests about {your} record",
    "contact_file": "{Your} NHS number was in a file of visits that their organisation sent",
    "invitation": "Somebody who could not show that they were {you} had the link from {your} invitation",
}
# By what right somebody acts: not said where it is not known any more.
RIGHTS: Mapping[str, str] = {
    "consent": "They act for {you}: {you} gave them permission",
    "parental_responsibility": "They act for {you} by law: they have parental responsibility",
    "lasting_power_of_attorney": "They act for {you} by law: by a lasting power of attorney",
    "court_deputy": "They act for {you} by law: the Court of Protection appointed them",
    "best_interests": "They act for {you} by law: in {your} best interests",
}
NOT_RECORDED = "Not recorded: this was before the reason was kept with every look"
ROLES: Mapping[str, str] = {
    "clinician": "Clinician",
    "care_home_staff": "Care-home staff",
    "commissioner": "Commissioner of services",
    "administrator": "Administrator",
    "privacy_officer": "Privacy officer",
}
ITSELF = "Tendwell itself"
UNNAMED = "Somebody whose account is closed"

_TO_THE_PATIENT = {
    "you": "you",
    "You": "You",
    "your": "your",
    "Your": "Your",
    "yours": "yours",
    "are": "are",
    "were": "were",
    "have": "have",
}
_TO_OTHERS = {
    "you": "the patient",
    "You": "The patient",
    "your": "the patient's",
    "Your": "The patient's",
    "yours": "the patient's",
    "are": "is",
    "were": "was",
    "have": "has",
}


def deed_in_words(action: str, about: str | None, *, to_the_patient: bool) -> str:
    """Return what was done: 'read your blood pressure readings'. `about` is a vital sign's key."""
    sign = CATALOGUE.get(about or "")
    readings = "readings" if sign is None else f"{_lower_first(sign.display)} readings"
    return ACTIONS[action].format(**_voice(to_the_patient=to_the_patient), readings=readings)


def basis_in_words(basis: str | None, *, to_the_patient: bool, right: str | None = None) -> str:
    """Return why it was allowed; `right`: the ground on which somebody acted for the person, where it is known."""
    words = NOT_RECORDED if basis is None else BASES[basis] if right is None else RIGHTS[right]
    return words.format(**_voice(to_the_patient=to_the_patient))


def _voice(*, to_the_patient: bool) -> Mapping[str, str]:
    return _TO_THE_PATIENT if to_the_patient else _TO_OTHERS


def _lower_first(name: str) -> str:
    """Return a name within a sentence: 'blood pressure', but 'SpO2' and 'HbA1c' as they are."""
    is_symbol = any(letter.isupper() for letter in name.partition(" ")[0][1:])
    return name if is_symbol else name[0].lower() + name[1:]
