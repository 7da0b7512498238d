# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document as CSV (RFC 4180): one line per check, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.document import FACTS
from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import Document
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import value_text, xml_text

COLUMNS = (
    *("region", "host", "host_verdict", "check", "title", "wanted", "found", "verdict", "step", "reason"),
    *FACTS,
)
# Spreadsheets run a cell that begins with one of these as a formula, East Asian ones also with the full-width forms.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_text(document: Document) -> str:
    """Return one line per check of each appliance, then of each region, with an empty host.

    An appliance without checks has one line without a check.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    no_check = {"check": "", "title": "", "wanted": None, "found": None, "verdict": "", "step": None}
    for row in document["appliances"]:
        for check in row["checks"] or [{**no_check, "verdict": row["verdict"], "reason": row["reason"]}]:
            own = {"region": row["region"], "host": row["host"], "host_verdict": row["verdict"]}
            writer.writerow(_cells({**own, **check, **{fact: row[fact] for fact in FACTS}}))
    for region in document["regions"]:
        for check in region["checks"]:
            writer.writerow(_cells({"region": region["region"], **check}))
    return stream.getvalue()


def _cells(values: dict[str, Any]) -> list[str]:
    return [_cell(values.get(column)) for column in COLUMNS]


def _cell(value: Any) -> str:
    text = "" if value is None else xml_text(value_text(value) if isinstance(value, (bool, float)) else str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
