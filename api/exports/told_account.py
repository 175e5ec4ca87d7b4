"""Care teams, whom one acts for, emergencies, invitations and signing in, as a page tells them. Pure."""

from __future__ import annotations

from api.exports import code_words as words
from api.exports.markup import Html, article, facts, heading, lines
from api.exports.plain_words import Item, capital, listed, moment, span, worded
from domain.accounts.user_agent import said_to_be


def care_team(item: Item) -> tuple[object, ...]:
    """Return a care team on whose list one is or was."""
    until = moment(item.get("until_at")) or "Still on its list"
    return item.get("team"), item.get("place"), moment(item.get("from_at")), until


def acted_for(item: Item) -> Html:
    """Return somebody for whom one acts; of what is over, not for whom it was."""
    may = [worded(words.SCOPES_FOR_OTHERS, scope) for scope in item.get("scopes") or []]
    return article(
        heading(item.get("name") or "Somebody for whom you no longer act"),
        facts(
            [
                ("Who you are to them", worded(words.RELATIONSHIPS, item.get("relationship"))),
                ("What you may do", capital(listed(may))),
                ("Taken up", moment(item.get("accepted_at"))),
                ("When", capital(span(item.get("from_at"), item.get("until_at"), endless=", until it is ended"))),
                ("Where it stands", "Over" if item.get("is_over") else "In force, or begins later"),
            ]
        ),
    )


def emergency(item: Item) -> Html:
    """Return an opening of one's record: by whom, why, until when, and what was found."""
    reviewer = item.get("reviewed_by_name")
    return article(
        heading(moment(item.get("opened_at"))),
        facts(
            [
                ("Opened by", lines(item.get("opened_by_name"), item.get("place"))),
                ("Why", lines(worded(words.REASONS, item.get("reason_code")), item.get("reason"))),
                ("Until", moment(item.get("until_at"))),
                ("Closed before that", moment(item.get("ended_at"))),
                ("What was found", lines(worded(words.FINDINGS, item.get("state")), item.get("note"))),
                ("Looked into", lines(moment(item.get("reviewed_at")), reviewer and f"by {reviewer}")),
            ]
        ),
    )


def invitation(item: Item) -> tuple[object, ...]:
    """Return an invitation: when, by which place, to whom, until when it was good and what became of it."""
    return (
        moment(item.get("made_at")),
        item.get("place"),
        lines(item.get("display_name"), item.get("email")),
        moment(item.get("expires_at")),
        worded(words.INVITATIONS, item.get("state")),
    )


def way_to_sign_in(item: Item) -> tuple[object, ...]:
    """Return one way in which one signs in."""
    left = item.get("codes_left")
    return (
        lines(worded(words.WAYS, item.get("way")), item.get("name"), item.get("issuer")),
        moment(item.get("since")),
        moment(item.get("last_used_at")),
        lines(
            left is not None and f"{left} not used yet",
            item.get("backed_up") and "Kept on more than one of your devices by whoever made them",
        ),
    )


def session(item: Item) -> tuple[object, ...]:
    """Return a time for which one was signed in: since when, where, how, and until when."""
    label, ended = str(item.get("label") or ""), item.get("ended_at")
    confirmed = item.get("confirmed_at")
    return (
        moment(item.get("started_at")),
        lines(label, worded(words.SAID_TO_BE, said_to_be(label)), worded(words.SESSIONS, item.get("kind"))),
        lines(worded(words.OPENED_WITH, item.get("opened_with")), confirmed and f"Shown last on {moment(confirmed)}"),
        moment(item.get("last_seen_at")),
        lines(
            f"Ended on {moment(ended)}" if ended else f"Good until {moment(item.get('expires_at'))} at most",
            worded(words.SESSION_ENDS, item.get("end_reason")),
        ),
    )


def notice_choice(item: Item) -> tuple[object, ...]:
    """Return what one chose to be told of, by which ways, and when not."""
    chosen = [str(each).partition("/") for each in item.get("chosen") or []]
    ways = [f"{worded(words.NOTICES, kind)}: {worded(words.CHANNELS, channel)}" for kind, _, channel in chosen]
    quiet = item.get("quiet_from") and f"{str(item['quiet_from'])[:5]} and {str(item.get('quiet_until'))[:5]}"
    return (
        lines(*(ways or ["Nothing"])),
        quiet,
        worded(words.LANGUAGES, item.get("language")),
        moment(item.get("changed_at")),
    )


def notice_address(item: Item) -> tuple[object, ...]:
    """Return where one can be told something, or could."""
    confirmed = item.get("confirmed_at")
    return (
        item.get("name"),
        worded(words.CHANNELS, item.get("channel")),
        lines(moment(item.get("made_at")), f"Confirmed {moment(confirmed)}" if confirmed else "Not confirmed"),
        lines(moment(item.get("ended_at")), worded(words.ADDRESS_ENDS, item.get("end_reason"))),
    )


def notice(item: Item) -> tuple[object, ...]:
    """Return something one was told, or was to be."""
    tried, settled = item.get("attempts"), item.get("settled_at")
    return (
        moment(item.get("due_at")),
        worded(words.NOTICES, item.get("kind")),
        lines(item.get("address"), worded(words.CHANNELS, item.get("channel"))),
        lines(
            worded(words.NOTICE_STATES, item.get("state")),
            worded(words.NOTICE_REASONS, item.get("reason")),
            tried and f"Tried: {tried}",
            moment(settled) if settled else f"Next on {moment(item.get('next_at'))}",
        ),
    )


def own_deed(item: Item) -> tuple[object, ...]:
    """Return what one's account did that concerns no record."""
    outcome = item.get("outcome")
    return (
        moment(item.get("at")),
        lines(capital(str(item.get("what"))), outcome != "done" and f"What came of it: {worded({}, outcome)}"),
        lines(item.get("role"), item.get("organisation")),
    )
