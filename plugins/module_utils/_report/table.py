# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Rows as a plain-text table, without control characters."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .text import shorten

DEFAULT_WIDTH = 80
MAX_CELL = 40
MAX_ROWS = 40
MIN_LAST_COLUMN = 20
GOOD_LAST_COLUMN = 36


def text_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a heading and one line per row; the last column is not padded and may be long."""
    cells = [[column.upper() for column in columns]]
    cells += [[cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def fitted_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """Return the table with lines of at most ``width``.

    If the last column does not fit, the key C(brief) of the row replaces it; a shortened text ends with three dots.
    """
    *firsts, last = columns
    shortened = [{**row, **{name: shorten(cell(row.get(name)), MAX_CELL) for name in firsts}} for row in rows]
    heading, *lines = text_table(firsts, shortened) if firsts else [""] * (len(rows) + 1)
    indent = max(map(len, [heading, *lines])) + 2 if firsts else 0
    room = max(width - indent, MIN_LAST_COLUMN)

    def line(start: str, row: Mapping[str, Any]) -> str:
        whole = cell(row.get(last))
        text = whole if len(whole) <= room or not row.get("brief") else cell(row["brief"])
        return start.ljust(indent) + shorten(text, room)

    return [f"{heading.ljust(indent)}{last.upper()}", *(line(*pair) for pair in zip(lines, rows, strict=True))]


def columns_that_fit(
    columns: Sequence[str], narrow: Sequence[str] | None, rows: Sequence[Mapping[str, Any]], width: int
) -> Sequence[str]:
    """Return ``narrow`` if ``columns`` leave too little space for the last column."""
    if not narrow:
        return columns
    firsts = [{**row, columns[-1]: ""} for row in rows]
    longest = max(map(len, text_table(columns, firsts)), default=0)
    return columns if longest + GOOD_LAST_COLUMN <= width else narrow


def rows_to_show(
    rows: Sequence[Mapping[str, Any]],
    is_fine: Callable[[Mapping[str, Any]], bool],
    is_failed: Callable[[Mapping[str, Any]], bool] = lambda _row: False,
) -> list[Mapping[str, Any]]:
    """Return all rows of a small fleet, or 40 rows of a large fleet that need attention, the failed ones first."""
    if len(rows) <= MAX_ROWS:
        return list(rows)
    return sorted((row for row in rows if not is_fine(row)), key=lambda row: not is_failed(row))[:MAX_ROWS]


def detail_lines(row: Mapping[str, Any], details: Sequence[str], width: int) -> list[str]:
    """Return an indented paragraph for each detail of the row, in lines of at most ``width``."""
    lines: list[str] = []
    for name in details:
        if row.get(name):
            text = f"{name.capitalize()}: {cell(row[name])}"
            lines += textwrap.wrap(
                text,
                max(width, MIN_LAST_COLUMN),
                initial_indent="    ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most ``width``; longer words, such as paths, are not broken."""
    return textwrap.wrap(
        text, max(width, MIN_LAST_COLUMN), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def columns_of(environment: Mapping[str, str], terminal: int | None) -> int:
    """Return the width of the screen: C(COLUMNS), else the width of the terminal, else 80."""
    given = environment.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    return terminal or DEFAULT_WIDTH


def note_lines(notes: Iterable[str], width: int) -> list[str]:
    """Return the lines of the notes below a table; no lines without notes."""
    lines = [line for note in notes for line in wrapped(f"Note: {cell(note)}", width)]
    return ["", *lines] if lines else []


def count_rows(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, int]:
    """Return the number of rows for each value of this key, the most frequent first."""
    return dict(Counter(str(row.get(key)) for row in rows).most_common())


def sentence_of_counts(counts: Mapping[str, int]) -> str:
    """Return counts as a text such as C(8 appliances, 7 drift, 1 ok)."""
    total = sum(counts.values())
    parts = [f"{total} appliance" + ("" if total == 1 else "s"), *(f"{n} {cell(name)}" for name, n in counts.items())]
    return ", ".join(parts)


def cell(value: Any) -> str:
    """Return a value as printable text, or a dash for no value."""
    if value is None or value == "":
        return "-"
    return "".join(char if char.isprintable() else " " for char in str(value))
