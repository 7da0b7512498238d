# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. When a report stops a pipeline, and with which words."""

from __future__ import annotations

from .sentences import Document, appliances, counts_text, own_verdict
from .text import one_line, shorten
from .verdicts import OK, UNKNOWN

MOST_NAMES = 10


def failure(document: Document, fail_on: str, path: str) -> str:
    """Why the task fails, or an empty text. C(drift) is anything that is not ok, C(unknown) what could not be read."""
    if fail_on == "never":
        return ""

    def counts(verdict: str) -> bool:
        return verdict == UNKNOWN if fail_on == "unknown" else verdict != OK

    hosts = [row["host"] for row in document["appliances"] if counts(row["verdict"])]
    regions = [region["label"] for region in document["regions"] if counts(own_verdict(region))]
    if not hosts and not regions:
        return ""
    what = "could not be read" if fail_on == "unknown" else "not ok"
    said = [f"{len(hosts):,} of {appliances(len(document['appliances']))} {what}: {_names(hosts)}"] if hosts else []
    said += [f"{what} in {'the region' if len(regions) == 1 else 'the regions'} {_names(regions)}"] if regions else []
    return (
        f"{one_line(document['title'])}: {'; '.join(said)} ({counts_text(document['counts'])}). "
        f"The report is written: {path}. "
        f"It stops the play because fail_on (esa_ctr_report_fail_on) is {fail_on}."
    )


def _names(names: list[str]) -> str:
    shown = ", ".join(shorten(one_line(name), 60) for name in names[:MOST_NAMES])
    return shown + (f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else "")
