# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The end of a task over many items: what was done is kept, what failed is named."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown

MOST_SHOWN = 20


def failed_result(
    result: dict[str, Any],
    failures: list[tuple[str, str]],
    what: str,
    of_all: int,
    first: ApiError | None,
) -> dict[str, Any]:
    """The result as it is, or, with failures (name, reason), one that fails naming each."""
    if not failures:
        return result
    named = "; ".join(f"{name}: {reason}" for name, reason in failures[:MOST_SHOWN])
    if len(failures) > MOST_SHOWN:
        named += "; and also " + ", ".join(name for name, _reason in failures[MOST_SHOWN:])
    plural = "" if of_all == 1 else "s"
    parts = first.as_result() if first else {}
    parts["msg"] = shown(f"{len(failures)} of {of_all} {what}{plural} failed: {named}")
    return {**result, **parts, "failed": True}
