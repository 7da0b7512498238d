# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Rows as plain text; cells are data of others, so nothing in them may steer a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .text import shorten

USUAL_WIDTH = 80
MOST_CELL = 40
MOST_ROWS = 40
LEAST_ROOM = 20
ROOM_WANTED = 36


def text_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a table: a heading and one line per row; the last column is not padded and may be long."""
    cells = [[column.upper() for column in columns]]
    cells += [[cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def fitted_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """The same, where no line is longer than ``width``: a row may have its last column in a few words under C(brief).

    Where even these do not fit they are cut, which the last three characters say.
    """
    *firsts, last = columns
    shortened = [{**row, **{name: shorten(cell(row.get(name)), MOST_CELL) for name in firsts}} for row in rows]
    heading, *lines = text_table(firsts, shortened) if firsts else [""] * (len(rows) + 1)
    indent = max(map(len, [heading, *lines])) + 2 if firsts else 0
    room = max(width - indent, LEAST_ROOM)

    def line(start: str, row: Mapping[str, Any]) -> str:
        whole = cell(row.get(last))
        text = whole if len(whole) <= room or not row.get("brief") else cell(row["brief"])
        return start.ljust(indent) + shorten(text, room)

    return [f"{heading.ljust(indent)}{last.upper()}", *(line(*pair) for pair in zip(lines, rows, strict=True))]


def columns_that_fit(
    columns: Sequence[str], narrow: Sequence[str] | None, rows: Sequence[Mapping[str, Any]], width: int
) -> Sequence[str]:
    """``narrow`` where the others would leave too little of the line to the last one."""
    if not narrow:
        return columns
    firsts = [{**row, columns[-1]: ""} for row in rows]
    longest = max(map(len, text_table(columns, firsts)), default=0)
    return columns if longest + ROOM_WANTED <= width else narrow


def rows_to_show(
    rows: Sequence[Mapping[str, Any]], is_fine: Callable[[Mapping[str, Any]], bool]
) -> list[Mapping[str, Any]]:
    """All rows of a small fleet; of a large one those that need attention, at most 40 of them."""
    if len(rows) <= MOST_ROWS:
        return list(rows)
    return [row for row in rows if not is_fine(row)][:MOST_ROWS]


def detail_lines(row: Mapping[str, Any], details: Sequence[str], width: int) -> list[str]:
    """A paragraph for each detail that a row has, indented, in lines of at most ``width``."""
    lines: list[str] = []
    for name in details:
        if row.get(name):
            text = f"{name.capitalize()}: {cell(row[name])}"
            lines += textwrap.wrap(
                text,
                max(width, LEAST_ROOM),
                initial_indent="    ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most ``width``; words that are longer, such as paths, stay whole. None for no text."""
    return textwrap.wrap(
        text, max(width, LEAST_ROOM), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def columns_of(environment: Mapping[str, str], terminal: int | None) -> int:
    """The width to fit into: C(COLUMNS), or that of the terminal, or 80."""
    given = environment.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    return terminal or USUAL_WIDTH


def note_lines(notes: Iterable[str], width: int) -> list[str]:
    """Lines that stand below a table; none where there is no note."""
    lines = [line for note in notes for line in wrapped(f"Note: {cell(note)}", width)]
    return ["", *lines] if lines else []


def count_rows(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, int]:
    """How many rows have which value of this key, the most frequent first."""
    return dict(Counter(str(row.get(key)) for row in rows).most_common())


def sentence_of_counts(counts: Mapping[str, int]) -> str:
    """Such as C(8 appliances, 7 drift, 1 ok)."""
    total = sum(counts.values())
    parts = [f"{total} appliance" + ("" if total == 1 else "s"), *(f"{n} {cell(name)}" for name, n in counts.items())]
    return ", ".join(parts)


def cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    return "".join(char if char.isprintable() else " " for char in str(value))
