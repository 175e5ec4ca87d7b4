"""A crowd of clinicians, put straight into the tables: one account may hold twenty sockets, and a password costs 30 ms.

They work where the stage's own clinician does. Their tickets are made here too; whoever spends one is asked everything
that anybody is.
"""

from __future__ import annotations

import asyncpg

from domain.accounts.refresh_token import new_token, token_hash

_ACCOUNTS = """
with place as (
    select m.organisation_id as id, a.organisation_id as keeps from membership m join account a on a.id = m.account_id
    where a.email = $1),
made as (
    insert into account (id, email, display_name, password_hash, organisation_id, created_at)
    select uuidv7(), 'crowd' || n || '@bench.test', 'Crowd', 'none', place.keeps, now()
    from place, generate_series(1, $2::int) n
    on conflict (email) do nothing returning id),
working as (
    insert into membership (id, account_id, organisation_id, role, starts_at)
    select uuidv7(), made.id, place.id, 'clinician', now() - interval '1 day' from made, place)
insert into session (id, account_id, created_at, expires_at, kind, last_seen_at)
select uuidv7(), made.id, now(), now() + interval '12 hours', 'app', now() from made
"""
_TICKETS = """
with sat as (
    select s.id, row_number() over (order by s.id) - 1 as place, count(*) over () as of
    from session s join account a on a.id = s.account_id where a.email like 'crowd%')
insert into live_ticket (ticket_hash, session_id, expires_at)
select t.hash, sat.id, now() + interval '30 seconds'
from unnest($1::bytea[]) with ordinality t(hash, place) join sat on sat.place = (t.place - 1) % sat.of
"""


async def gather_crowd(url: str, beside: str, accounts: int) -> None:
    """Have so many accounts, each with a session, where the account of this address works. `url`: the owner's."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_ACCOUNTS, beside, accounts)
    finally:
        await connection.close()


async def tickets(url: str, how_many: int) -> list[str]:
    """Return tickets that are good for 30 seconds, spread evenly over the crowd."""
    made = [new_token() for _ in range(how_many)]
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_TICKETS, [token_hash(ticket) for ticket in made])
    finally:
        await connection.close()
    return made
