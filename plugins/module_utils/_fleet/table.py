# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Rows as plain text; cells are data of others, so nothing in them may steer a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


def text_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a table: a heading and one line per row; the last column is not padded and may be long."""
    cells = [[column.upper() for column in columns]]
    cells += [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def table_with_details(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    details: Sequence[str],
    brief: Callable[[Mapping[str, Any]], bool],
) -> list[str]:
    """The same, with a line per detail below each row that is not ``brief``, where it has one."""
    heading, *lines = text_table(columns, rows)
    shown = [heading]
    for line, row in zip(lines, rows, strict=True):
        shown.append(line)
        if not brief(row):
            shown += [f"    {name.capitalize()}: {_cell(row[name])}" for name in details if row.get(name)]
    return shown


def note_lines(notes: Iterable[str]) -> list[str]:
    """Lines that stand below a table; none where there is no note."""
    lines = [f"Note: {_cell(note)}" for note in notes]
    return ["", *lines] if lines else []


def count_rows(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, int]:
    """How many rows have which value of this key, the most frequent first."""
    return dict(Counter(str(row.get(key)) for row in rows).most_common())


def sentence_of_counts(counts: Mapping[str, int]) -> str:
    """Such as C(8 appliances, 7 drift, 1 ok)."""
    total = sum(counts.values())
    parts = [f"{total} appliance" + ("" if total == 1 else "s"), *(f"{n} {_cell(name)}" for name, n in counts.items())]
    return ", ".join(parts)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    return "".join(char if char.isprintable() else " " for char in str(value))
