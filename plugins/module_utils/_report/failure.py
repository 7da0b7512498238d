# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Whether the task of a report fails, and its error message."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

from .sentences import Document, appliances, counts_text, own_verdict
from .text import one_line, shorten
from .verdicts import OK, UNKNOWN

MAX_NAMES = 10


def failure(document: Document, fail_on: str, path: str) -> str:
    """Return the error message, or an empty text. C(drift) fails for all that is not ok, C(unknown) for unknown only."""
    if fail_on == "never":
        return ""

    def is_failure(verdict: str) -> bool:
        return verdict == UNKNOWN if fail_on == "unknown" else verdict != OK

    hosts = [row["host"] for row in document["appliances"] if is_failure(row["verdict"])]
    regions = [region["label"] for region in document["regions"] if is_failure(own_verdict(region))]
    if not hosts and not regions:
        return ""
    what = "not read" if fail_on == "unknown" else "not ok"
    problems = [f"{len(hosts):,} of {appliances(len(document['appliances']))} {what}: {_names(hosts)}"] if hosts else []
    problems += (
        [f"{what} in {'the region' if len(regions) == 1 else 'the regions'} {_names(regions)}"] if regions else []
    )
    return message(
        one_line(document["title"]),
        f"{'; '.join(problems)} ({counts_text(document['counts'])}), and fail_on (esa_ctr_report_fail_on) is {fail_on}",
        f"see the report {path}",
    )


def _names(names: list[str]) -> str:
    shown = ", ".join(shorten(one_line(name), 60) for name in names[:MAX_NAMES])
    return shown + (f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else "")
