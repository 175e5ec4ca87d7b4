"""Which of two forms of an answer an Accept header asks for. It refuses to know what is answered."""

from __future__ import annotations

CSV, JSON = "text/csv", "application/json"


def prefers_csv(accept: str) -> bool:
    """Return whether CSV is named, and no less wanted than JSON is: whoever names neither is given JSON.

    Source: RFC 9110, 12.5.1: names are case-insensitive, a weight of 0 refuses. A weight that is none refuses too.
    """
    weights = dict(_weighed(accept))
    return weights.get(CSV, 0.0) > 0 and weights[CSV] >= weights.get(JSON, 0.0)


def _weighed(accept: str) -> list[tuple[str, float]]:
    found = []
    for named in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in named.split(";"))
        weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
        found.append((kind, _weight(weights[0]) if weights else 1.0))
    return found


def _weight(text: str) -> float:
    """Return a weight from 0 to 1; 0 for what is none."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
