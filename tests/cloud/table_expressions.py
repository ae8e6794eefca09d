"""The expressions that the table in memory knows: the names that each uses, and what it says of a row."""

from __future__ import annotations

from collections.abc import Callable

from tests.cloud.faults import Json

CONDITIONS: dict[str, tuple[set[str], Callable[[Json | None, Json], bool]]] = {
    "attribute_not_exists(pk)": (set(), lambda found, _: found is None),
    "#at = :read": ({":read"}, lambda found, values: bool(found) and found.get("at") == values[":read"]),  # type: ignore[union-attr]
    "revision = :read": ({":read"}, lambda found, values: bool(found) and found.get("revision") == values[":read"]),  # type: ignore[union-attr]
    "attribute_not_exists(pk) OR held_until <= :now OR holder = :holder": (
        {":now", ":holder"},
        lambda found, values: (
            found is None or found["held_until"]["S"] <= values[":now"]["S"] or found["holder"] == values[":holder"]
        ),
    ),
}
UPDATES: dict[tuple[str, str], tuple[set[str], Callable[[int | None, Json], bool], Callable[[int, Json], int]]] = {
    ("SET #until = :until", "attribute_not_exists(#until) OR #until < :now OR #until > :mistaken"): (
        {":until", ":now", ":mistaken"},
        lambda until, values: until is None or until < _number(values, ":now") or until > _number(values, ":mistaken"),
        lambda _, values: _number(values, ":until"),
    ),
    ("ADD #until :lasts", "#until BETWEEN :now AND :latest"): (
        {":lasts", ":now", ":latest"},
        lambda until, values: until is not None and _number(values, ":now") <= until <= _number(values, ":latest"),
        lambda until, values: until + _number(values, ":lasts"),
    ),
}
"""What UpdateItem does with the one number that it is for, and when."""
KEY_CONDITIONS: dict[tuple[str | None, str], tuple[set[str], set[str], Callable[[Json, Json], bool]]] = {
    ("open", "#open = :open AND due_at BETWEEN :since AND :until"): (
        {"#open"},
        {":open", ":since", ":until"},
        lambda row, values: (
            row.get("open") == values[":open"] and values[":since"]["S"] <= row["due_at"]["S"] <= values[":until"]["S"]
        ),
    ),
    ("open", "#open = :open"): ({"#open"}, {":open"}, lambda row, values: row.get("open") == values[":open"]),
    (None, "pk = :pk"): (set(), {":pk"}, lambda row, values: row["pk"] == values[":pk"]),
    (None, "pk = :pk AND begins_with(sk, :sk)"): (
        set(),
        {":pk", ":sk"},
        lambda row, values: row["pk"] == values[":pk"] and row["sk"]["S"].startswith(values[":sk"]["S"]),
    ),
}


def _number(values: Json, name: str) -> int:
    return int(values[name]["N"])
