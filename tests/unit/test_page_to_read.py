"""The page of a copy: all that a person would want of it in plain words, and nothing in it can execute."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from api.exports import code_words as words
from api.exports.names import NAMED
from api.exports.page import TELLINGS, page_to_read
from api.exports.plain_words import clock_time, day, moment, number, second
from api.exports.sections import SECTIONS
from api.exports.told_access import access_time
from api.exports.told_readings import reading_in_words
from api.exports.told_schedules import schedule_in_words
from api.schemas.access_log import AccessOut
from api.schemas.accounts import MeOut
from api.schemas.action_plans import ActionPlanDetailOut
from api.schemas.alerts import AlertOut
from api.schemas.care_plans import CarePlanOut
from api.schemas.completions import CompletionOut
from api.schemas.consents import ConsentOut
from api.schemas.delegations import DelegateOut
from api.schemas.diary import DiaryEntryOut
from api.schemas.goals import GoalDetailOut
from api.schemas.invitations import InvitationOut
from api.schemas.notifications import ReceiptOut
from api.schemas.observations import ObservationOut
from api.schemas.patients import PatientOut
from api.schemas.pauses import PauseOut
from api.schemas.personal_bests import StatedBestOut
from api.schemas.questionnaires import QuestionnaireResponseOut
from api.schemas.rights_requests import RightsRequestOut
from api.schemas.time_zones import TimeZoneChoiceOut
from domain.access.ground import Basis
from domain.accounts.invitation_queries import InvitationState
from domain.accounts.session_age import SessionKind
from domain.accounts.sign_in import Means
from domain.accounts.user_agent import Program
from domain.alerts import alert
from domain.care_plans import lifecycle
from domain.care_plans.section import WordsOf
from domain.diary.symptom import Condition
from domain.observations.catalogue import CATALOGUE
from domain.observations.observation import Status
from domain.observations.sufficiency import Sufficiency
from domain.outcomes.commands import EndReason
from domain.outcomes.definitions import ContactKind
from domain.people.break_glass import AlertState, ReasonCode
from domain.people.consent import Authority, Provision, Purpose
from domain.people.delegation import DelegationEnd, Ground, Relationship
from domain.people.delegation_queries import State
from domain.people.permission import Scope
from domain.plans import zone
from domain.plans.acknowledgement_queries import PlanAnswer
from domain.plans.goal_lifecycle import Achievement, Lifecycle, Party
from domain.plans.target import Comparator
from domain.plans.zone import Colour
from domain.questionnaires import response
from domain.rights.export_queries import ExportPage
from domain.rights.law import Decision, Kind
from tests.unit.whole_record import READINGS, RECORD, reading

EVIL = "<script>alert(1)</script><img src=x onerror='alert(1)' x=\"></td></table>"
ASKED_AT = datetime(2026, 7, 5, 9, 30, tzinfo=UTC)
# What only programs use, and the page says once that it leaves out; or what stands in the same entry in other words.
ORGANISATION = {"id", "kind", "ods_code", "parent_id"}
LEFT_OUT = {
    "you": {"id", "practice_id", "bases"}
    | {f"{place}.{code}" for place in ("care_home", "practice") for code in ORGANISATION},
    "account": {"id", "patient_id", "acts_for_others"} | {f"roles.organisation.{code}" for code in ORGANISATION},
    "readings": {
        "id", "patient_id", "loinc", "recorded_by", "client_id", "supersedes", "superseded_by", "clock_skew_seconds",
        "amended_by",
    },
    "personal_bests": {"id", "stated_by", "retracted_by"},
    "goals": {
        "id", "patient_id", "proposed_by", "version", "history.number", "history.taken_by", "former.version",
        "former.replaced_by",
        "progress.latest.observation_id", "progress.latest.age_seconds", "progress.baseline.observation_ids",
        "progress.recent.observation_ids", "progress.tally.completion_ids", "ratings.id", "ratings.client_id",
        "ratings.rated_by",
    },
    "care_plans": {
        "id", "patient_id", "client_id", "code", "supersedes_id", "superseded_by_id", "drafted_by", "decided_by",
        "sections.section", "sections.code", "sections.written_by",
    },
    "action_plans": {
        "id", "patient_id", "published_by", "ended_by", "actions.id", "acknowledgements.id",
        "acknowledgements.client_id", "acknowledgements.recorded_by", "acknowledgements.answered.answered_by",
    },
    "steps_done": {"id", "action_id", "client_id", "recorded_by", "retracted_by"},
    "pauses": {"id", "made_by", "ended_by"},
    "time_zones": {"set_by"},
    "diary": {"id", "patient_id", "client_id", "symptoms.symptom", "symptoms.level", "recorded_by", "amended_by"},
    "questionnaires": {
        "id", "patient_id", "client_id", "answers.link_id", "answers.value", "recorded_by", "amended_by",
    },
    "alerts": {
        "id", "patient_id", "rule", "rule_version", "level", "acknowledged_at", "acknowledged_by",
        "acknowledged_by_name", "evidence.kind", "evidence.subject_id", "evidence.added_at", "history.number",
        "history.taken_by",
    },
    "visits": {"id", "external_id"},
    "consents": {"id", "language", "text_sha256", "performer_id"},
    "delegates": {"id"},
    "emergencies": {"opened_by", "reviewed_by"},
    "invitations": {"id", "organisation_id"},
    "ways_to_sign_in": {"subject"},
    "sessions": {"id"},
    "notices": {"id", "notice_id"},
    "own_trail": {"action"},
    "requests": {"id", "patient_id", "patient_name", "practice_id", "ground.code"},
    "who_looked": {"action", "basis", "purpose"},
}  # fmt: skip
SCHEMAS: dict[str, type[BaseModel]] = {
    "account": MeOut,
    "readings": ObservationOut,
    "personal_bests": StatedBestOut,
    "goals": GoalDetailOut,
    "care_plans": CarePlanOut,
    "action_plans": ActionPlanDetailOut,
    "steps_done": CompletionOut,
    "pauses": PauseOut,
    "time_zones": TimeZoneChoiceOut,
    "diary": DiaryEntryOut,
    "questionnaires": QuestionnaireResponseOut,
    "alerts": AlertOut,
    "consents": ConsentOut,
    "delegates": DelegateOut,
    "invitations": InvitationOut,
    "requests": RightsRequestOut,
    "who_looked": AccessOut,
    "notices": ReceiptOut,
}
# What a copy tells beside what the API tells anywhere else.
BESIDE = {"steps_done": {"plan", "step"}, "invitations": {"place"}}


async def page_of(record: Mapping[str, list[dict[str, Any]]]) -> str:
    async def pages() -> AsyncIterator[ExportPage]:
        for section, items in record.items():
            yield ExportPage(section, json.dumps(items))

    return "".join([text async for text in page_to_read(pages(), ASKED_AT)])


def read(page: str) -> str:
    """Return the page's main part as a person reads it, without its elements."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.partition("<main>")[2]))


async def test_a_record_is_told_in_plain_words() -> None:
    told = read(await page_of(RECORD))
    for said in (
        "Rose Resident",
        "29 February 1940",
        "999 000 0018",
        "Your practice Rowan Surgery",
        "3 July 2026 at 08:05 Body temperature 37.2 °C You Typed in",
        "142/88 mmHg Your practice Tom Carer",
        "36.67 °C sent as 98 °F",
        "this no longer counts By Dr Priya Shah, 4 July 2026 at 11:11 Why: The scale was held upside down",
        "this does not count By Gus Home, 4 July 2026 at 11:11 Why: Somebody else’s",
        "Put right: this replaces an earlier reading Why: Misread An unusual value",
        "Reached Tendwell 4 July 2026 at 10:00",
        "below 1.1 mmol/L Somebody who acts for you Tom Carer GlucoMeter 3",
        "Acute confusion Care home staff Tom Carer",
        "Pain score (0-10) 3/10",
        "11,042 steps",
        "480 L/min Your practice Tom Carer Best of a well fortnight",
        "Blood pressure (systolic) below 135 mmHg by 1 December 2026",
        "Within the target: 67 of 118 (57%)",
        "At the start: 141.2 mmHg on average",
        "Done fewer than 3 times a week by 1 December 2026",
        "More than expected (+1): To the shop",
        "From 29 June 2026 to 5 July 2026: done twice, not done for a reason once",
        "Goals it serves To walk to the shop and back",
        "Every 2 weeks on Monday and Friday at 08:00 and 20:30, from 4 May 2026 on, until 31 December 2026",
        "GP home visit Rowan Surgery",
        "The words: Letting somebody act for you (version 1)",
        "See your record and add readings",
        "By law: in your best interests",
        "Firefox on Linux In a browser, by what it said of itself Ends after 30 minutes without use, and after 12",
        "Telephone It did not say that it is a browser or an app Ends after 30 days",
        "5 July 2026, 3 times between 09:12 and 10:40 Dr Asha Rao Clinician Rowan Surgery",
        "They wrote: Found unconscious at the bus stop",
    ):
        assert said in told
    for code in ("0195d1c0", "8310-5", "Cel", "mm[Hg]", "break_glass", "bases", "None"):
        assert code not in told.replace("None: you use", "")


async def test_zones_of_a_plan_are_told_in_plain_words() -> None:
    told = read(await page_of(RECORD))
    for said in (
        "Made from Our plan for high blood pressure, version 1, changed to fit you",
        "Blood pressure (systolic), one after the other, twice: above 170 mmHg, looking at 3 days; and Swollen ankles",
        "feet: at or above Moderate, looking at the day Ring us today Nora Nurse 020 7946 0000 Weekdays 9 to 5",
    ):
        assert said in told


async def test_a_care_plan_that_is_not_in_force_is_crossed_out() -> None:
    page = await page_of({"care_plans": RECORD["care_plans"]})
    assert re.findall(r"<s>([^<]*)</s>", page) == ["Ring the ward"]
    told = read(page)
    for said in (
        "Care and support plan, version 2 Where it stands In force",
        "Overdue",
        "By somebody who decides for you in law",
        "If I become unwell Ring Olive first, and then the ward Your own words A care team Dr Asha Rao",
        "No longer in force: another took its place Since 2 June 2026",
    ):
        assert said in told


async def test_check_ins_and_alerts_are_told_in_plain_words() -> None:
    told = read(await page_of(RECORD))
    for said in (
        "Swollen ankles or feet: Moderate Cough: Mild Slept with three pillows, and woke at four Somebody who acts",
        "PHQ-9: mood over the last two weeks When 2 July 2026",
        "Nobody may be looking at it right now. Samaritans: 116 123. At any hour",
        "Total 12 of 21",
        "The time before 9, so 3 more now",
        "2 July 2026 at 07:40: Somebody has seen it. Your practice, Dr Asha Rao",
    ):
        assert said in told


async def test_what_was_put_right_or_withdrawn_is_crossed_out_and_said_to_count_no_longer() -> None:
    page = await page_of({"readings": READINGS})
    assert re.findall(r"<s>([^<]*)</s>", page) == ["3/10", "171 beats/min"]
    assert page.count("no longer counts") == page.count("does not count: it was put right") == 1


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from leaves(member, (*path, place))
    else:
        yield path


def changed(items: Any, path: tuple[str | int, ...], to: Any) -> Any:
    found = here = copy.deepcopy(items)
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = to
    return found


def value_at(items: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        items = items[step]
    return items


@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
async def test_nothing_is_missing_from_the_page_but_what_it_says_it_leaves_out(section: str) -> None:
    """Each member of each entry changes the page when it changes; or it is named above, and is still there."""
    items = RECORD[section]
    before = await page_of({"goals": RECORD["goals"], section: items})
    told: set[str] = set()
    missing: set[str] = set()
    for path in leaves(items):
        name = ".".join(step for step in path if isinstance(step, str))
        value = value_at(items, path)
        if value is None:
            continue
        others = (not value,) if isinstance(value, bool) else ("another", None)
        after = [await page_of({"goals": RECORD["goals"], section: changed(items, path, other)}) for other in others]
        (missing if set(after) == {before} else told).add(name)
    assert missing - told == LEFT_OUT.get(section, set())


def members(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from members(each, path)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield f"{path}{name}"
            yield from members(member, f"{path}{name}.")


@pytest.mark.parametrize("section", SCHEMAS)
def test_the_sample_has_every_member_that_an_entry_can_have(section: str) -> None:
    told = set(described(SCHEMAS[section].model_json_schema(mode="serialization"))) | BESIDE.get(section, set())
    if section == "action_plans":  # told whole, in sections of their own
        told -= {member for member in told if member.startswith(("recent_completions", "pauses"))}
    told |= {path.replace(member, NAMED[member]) for path in told for member in NAMED if path.endswith(member)}
    assert set(members(RECORD[section])) == told


def test_the_sample_says_of_who_one_is_what_the_api_says_and_which_practice_it_is() -> None:
    assert set(RECORD["you"][0]) == {*PatientOut.model_fields, "practice"}


def described(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the names of all members that a JSON schema tells of."""

    def inner(part: dict[str, Any], path: str) -> Iterator[str]:
        if "$ref" in part:
            yield from inner(schema["$defs"][part["$ref"].rpartition("/")[2]], path)
        for each in (*([part["items"]] if "items" in part else []), *part.get("anyOf", [])):
            yield from inner(each, path)
        for name, member in part.get("properties", {}).items():
            yield f"{path}{name}"
            yield from inner(member, f"{path}{name}.")

    yield from inner(schema, "")


async def test_nothing_that_somebody_wrote_in_any_place_of_a_record_can_execute() -> None:
    plain = await page_of(RECORD)
    elements = set(re.findall(r"<[^!>][^>\s]*", plain))
    assert not elements & {"<script", "<img", "<link", "<iframe", "<form", "<object", "<svg"}
    assert set(re.findall(r"\s(href|src|style|on\w+)=\"([^\"]*)", plain)) == {
        ("href", f"#{section.name}") for section in SECTIONS
    }
    for section, items in RECORD.items():
        for path in leaves(items):
            if value_at(items, path) is None:
                continue
            page = await page_of({section: changed(items, path, EVIL)})
            assert not set(re.findall(r"<[^!>][^>\s]*", page)) - elements, path
            assert "onerror='" not in page, path
            assert 'x="' not in page, path
    assert "default-src 'none'" in plain


async def test_every_table_and_section_is_named_and_closed_and_there_is_one_main_heading() -> None:
    page = await page_of(RECORD)
    assert page.count("<h1>") == page.count("<main>") == page.count("</main>") == 1
    assert '<html lang="en-GB">' in page
    for name in ("table", "section", "article", "dl", "tbody", "tr", "td", "nav", "header", "footer"):
        assert len(re.findall(rf"<{name}[ >]", page)) == page.count(f"</{name}>") > 0, name
    assert not re.findall(r"<th (?!scope=\"(?:row|col)\")", page)
    for section in SECTIONS:
        assert f'<section aria-labelledby="{section.name}"><h2 id="{section.name}">{section.heading}</h2>' in page


async def test_a_section_without_anything_says_so_once_and_pages_of_one_are_one_table() -> None:
    page = await page_of({"goals": []})
    assert page.count("There is nothing here.") == 1

    async def pages() -> AsyncIterator[ExportPage]:
        for items in ([reading()], [], [reading()]):
            yield ExportPage("readings", json.dumps(items))

    told = "".join([text async for text in page_to_read(pages(), ASKED_AT)])
    assert (told.count("<table"), told.count("37.2 °C"), told.count("There is nothing here.")) == (1, 2, 0)


def test_every_section_of_a_copy_is_told() -> None:
    assert list(TELLINGS) == [section.name for section in SECTIONS]


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        (words.BASES, Basis),
        (words.PARTIES, Party),
        (words.READING_STANDS, Status),
        (words.RESPONSE_STANDS, response.ResponseStatus),
        (words.TIME_STANDS, response.TimeStands),
        (words.ALERT_STANDS, alert.AlertStatus),
        (words.ALERT_STEPS, alert.AlertDeed),
        (words.LIFECYCLES, Lifecycle),
        (words.ACHIEVEMENTS, Achievement),
        (words.SUGGESTIONS, Achievement),
        (words.ENOUGH, Sufficiency),
        (words.SIDES, Comparator),
        (words.LEFT_PATHWAY, EndReason),
        (words.CONTACTS, ContactKind),
        (words.PURPOSES, Purpose),
        (words.PROVISIONS, Provision),
        (words.OPT_OUTS, Provision),
        (words.AUTHORITIES, Authority),
        (words.RELATIONSHIPS, Relationship),
        (words.SCOPES, Scope),
        (words.SCOPES_FOR_OTHERS, Scope),
        (words.GROUNDS, Ground),
        (words.REASONS, ReasonCode),
        (words.FINDINGS, AlertState),
        (words.INVITATIONS, InvitationState),
        (words.SESSIONS, SessionKind),
        (words.SAID_TO_BE, Program),
        (words.OPENED_WITH, Means),
        (words.DELEGATE_STANDS, State),
        (words.DELEGATE_ENDS, DelegationEnd),
        (words.REQUESTS, Kind),
        (words.DECISIONS, Decision),
        (words.COLOURS, Colour),
        (words.PLAN_ANSWERS, PlanAnswer),
        (words.CARE_PLAN_STANDS, lifecycle.CarePlanStatus),
        (words.AGREEMENTS, lifecycle.Agreement),
        (words.WORDS_OF, WordsOf),
        (words.CONDITIONS, Condition),
        (words.ZONE_BASES, zone.ReadingBasis),
    ],
)
def test_every_code_has_its_words(told: Mapping[str, str], codes: Any) -> None:
    assert set(told) == {code.value for code in codes}


@pytest.mark.parametrize("sign", CATALOGUE.values(), ids=lambda sign: sign.key)
def test_every_vital_sign_reads_without_its_codes(sign: Any) -> None:
    for unit in sign.units:
        told = reading_in_words({"sign": sign.key, "value": 5, "unit": unit.ucum})
        assert re.fullmatch(r"5(\.0)?(/10| ?[^\[{}\]]*)", told), told
    for code, coding in sign.answers:
        assert reading_in_words({"sign": sign.key, "code": code}) == coding.display


@pytest.mark.parametrize(
    ("rrule", "said"),
    [
        ("FREQ=DAILY", "Every day at 08:00, from 3 March 2026 on"),
        ("FREQ=DAILY;COUNT=1", "Once, on 3 March 2026 at 08:00"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=2", "Every 3 days at 08:00, from 3 March 2026 on, twice in all"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "Every week on Monday, Wednesday and Friday at 08:00, from 3 March 2026 on"),
        ("FREQ=MONTHLY", "Every month on the 3rd at 08:00, from 3 March 2026 on"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=12,23,-1",
            "Every month on the 12th, the 23rd and the last day at 08:00, from 3 March 2026 on",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-2FR",
            "Every 2 months on the second-last Friday and the first Monday at 08:00, from 3 March 2026 on",
        ),
        ("FREQ=MONTHLY;BYDAY=SU", "Every month on each Sunday at 08:00, from 3 March 2026 on"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
            "Every month on the 13th if it is a Friday at 08:00, from 3 March 2026 on",
        ),
        ("FREQ=YEARLY;COUNT=2", "Every year in March on the 3rd at 08:00, from 3 March 2026 on, twice in all"),
        ("FREQ=DAILY;BYMONTH=6,7", "Every day in June and July at 08:00, from 3 March 2026 on"),
        ("FREQ=HOURLY", "FREQ=HOURLY at 08:00, from 3 March 2026 on"),
    ],
)
def test_a_schedule_reads_as_one_would_say_it(rrule: str, said: str) -> None:
    assert schedule_in_words({"rrule": rrule, "starts_on": "2026-03-03", "times": ["08:00"]}) == said


def test_the_days_left_out_of_a_schedule_are_told() -> None:
    schedule = {
        "rrule": "FREQ=DAILY",
        "starts_on": "2026-03-03",
        "times": [],
        "except_on": ["2026-12-25", "2026-12-26"],
    }
    said = "Every day, from 3 March 2026 on, but not on 25 December 2026 and 26 December 2026"
    assert schedule_in_words(schedule) == said


@pytest.mark.parametrize(
    ("often", "first", "said"),
    [
        (1, "10:40:05", "5 July 2026 at 10:40"),
        (2, "10:40:05", "5 July 2026, twice at 10:40"),
        (3, "09:12:00", "5 July 2026, 3 times between 09:12 and 10:40"),
    ],
)
def test_when_and_how_often_somebody_looked_reads_as_one_would_say_it(often: int, first: str, said: str) -> None:
    looked = {"times": often, "first_at": f"2026-07-05T{first}+01:00", "last_at": "2026-07-05T10:40:50+01:00"}
    assert access_time(looked) == said


def test_days_and_times_are_london_s_and_the_hour_that_comes_twice_says_which_it_is() -> None:
    assert moment("2026-07-05T23:30:00Z") == "6 July 2026 at 00:30"
    assert moment("2026-03-01T14:03:07+00:00") == "1 March 2026 at 14:03"
    assert second("2026-03-01T14:03:07+00:00") == "1 March 2026 at 14:03:07"
    assert day("1940-02-29") == "29 February 1940"
    assert [clock_time(f"2026-10-25T0{hour}:30:00Z") for hour in (0, 1, 2)] == ["01:30 BST", "01:30 GMT", "02:30"]


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [(37, 1, "37.0"), (36.6667, 1, "36.67"), (142.0, 0, "142"), (11042, 0, "11,042"), (0.0, 0, "0"), (70.5, 0, "70.5")],
)
def test_a_number_has_the_decimals_that_its_sign_has(value: float, decimals: int, said: str) -> None:
    assert number(value, decimals) == said
