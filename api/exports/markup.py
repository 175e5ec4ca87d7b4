"""The few pieces of HTML that a page to read is made of. Whatever is put into one is escaped: nothing can execute.

A text may hold line breaks, which the page keeps. Refuses to know what the pieces say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Text that is HTML already, made by a function of this module; every other text is escaped where it is put."""

    __slots__ = ()


def shown(value: object) -> Html:
    """Return a value as HTML."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def lines(*parts: object) -> Html:
    """Return those of the parts that say something, each on a line of its own."""
    return Html("\n".join(shown(part) for part in parts if part))


def strong(value: object) -> Html:
    """Return what counts."""
    return Html(f"<strong>{shown(value)}</strong>")


def struck(value: object) -> Html:
    """Return what counts no longer."""
    return Html(f"<s>{shown(value)}</s>")


def paragraph(value: object) -> Html:
    """Return a paragraph."""
    return Html(f"<p>{shown(value)}</p>")


def heading(value: object) -> Html:
    """Return the heading of an entry of a section."""
    return Html(f"<h3>{shown(value)}</h3>")


def article(*parts: Html) -> Html:
    """Return an entry that stands by itself."""
    return Html(f"<article>{''.join(parts)}</article>\n")


def facts(told: Iterable[tuple[str, object]]) -> Html:
    """Return what is known, each under its name; what is not known is not named."""
    known = "".join(f"<div><dt>{shown(name)}</dt><dd>{shown(value)}</dd></div>" for name, value in told if value)
    return Html(f"<dl>{known}</dl>\n") if known else Html()


def table_begins(heads: Sequence[str], *, labelled_by: str) -> Html:
    """Return the head of a table that the heading of this id names. Rows follow, then `TABLE_ENDS`."""
    return Html(f'<table role="table" aria-labelledby="{shown(labelled_by)}">{_head(heads)}')


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """Return a whole table under its caption; nothing without rows."""
    body = "".join(row(heads, cells) for cells in rows)
    begins = f'<table role="table"><caption>{shown(caption)}</caption>{_head(heads)}'
    return Html(f"{begins}{body}{TABLE_ENDS}") if body else Html()


def row(heads: Sequence[str], cells: Sequence[object]) -> Html:
    """Return a row, which its first cell names. On a narrow screen each cell says its column's name itself."""
    first, *others = cells
    named = f'<th scope="row" role="rowheader">{shown(first)}</th>'
    rest = "".join(
        f'<td role="cell" data-head="{shown(head)}">{shown(cell)}</td>'
        for head, cell in zip(heads[1:], others, strict=True)
    )
    return Html(f'<tr role="row">{named}{rest}</tr>\n')


def _head(heads: Sequence[str]) -> str:
    # Roles are restated: where rows are stacked as cards, browsers forget that it is a table.
    named = "".join(f'<th scope="col" role="columnheader">{shown(head)}</th>' for head in heads)
    return f'<thead role="rowgroup"><tr role="row">{named}</tr></thead><tbody role="rowgroup">\n'


TABLE_ENDS = Html("</tbody></table>\n")
