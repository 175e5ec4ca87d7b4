"""Which database this is, as PostgreSQL itself says. Pure text; refuses to run it: whoever numbers or seals does.

A dump restored elsewhere has another cluster; a recovery to an earlier moment, or a promoted standby, another timeline.
Either means that transaction ids, and numbers given before, may stand for something else than they did. So does a dump
restored in the same cluster, which only the id of a table of one's own tells, and a copy of the server's files that is
started as it is, which only its start tells.
"""

from __future__ import annotations

# SQL for the cluster and its timeline, of a server that takes writes. The timeline is that of what it writes now: the
# control file tells it only from the first checkpoint after a promotion on, minutes later.
CLUSTER = """(select s.system_identifier::text || '/'
     || ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int::text from pg_control_system() s)"""
