"""Which database this is, as PostgreSQL itself says. Pure text; refuses to run it: whoever numbers or seals does.

A dump restored elsewhere has another cluster; a recovery to an earlier moment, or a promoted standby, another timeline.
Either means that transaction ids, and numbers given before, may stand for something else than they did. So does a dump
restored in the same cluster, which only the id of a table of one's own tells.
"""

from __future__ import annotations

# SQL for the cluster and its timeline: 0.2 ms, read from files.
CLUSTER = """(select s.system_identifier::text || '/' || c.timeline_id::text
     from pg_control_system() s, pg_control_checkpoint() c)"""
