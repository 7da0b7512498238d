# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Process the items of a task, and report the failed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message, shown

from .errors import concerns_one_item

MOST_SHOWN = 20
Item = TypeVar("Item")


def failed_items(items: Iterable[Item], process: Callable[[Item], None]) -> Iterator[tuple[Item, ApiError | None, str]]:
    """Process each item. Yield each failed item with its error and the reason to report.

    After an error that concerns all items, yield the remaining items without processing them, and without an error.
    """
    stopped: ApiError | None = None
    for item in items:
        if stopped is not None:
            yield (
                item,
                None,
                message(None, f"not processed, because an earlier item failed: {stopped.reason}", stopped.fix),
            )
            continue
        try:
            process(item)
        except ApiError as error:
            if not concerns_one_item(error):
                stopped = error
            yield item, error, message(None, error.problem, error.fix)


def failed_result(
    result: dict[str, Any],
    failures: list[tuple[str, str]],
    what: str,
    of_all: int,
    first: ApiError | None,
) -> dict[str, Any]:
    """Return the result unchanged, or, with failures (name, reason), a failed result that lists them."""
    if not failures:
        return result
    named = "; ".join(f"{name}: {reason}" for name, reason in failures[:MOST_SHOWN])
    if len(failures) > MOST_SHOWN:
        named += "; also failed: " + ", ".join(name for name, _reason in failures[MOST_SHOWN:])
    plural = "" if of_all == 1 else "s"
    parts = first.as_result() if first else {}
    parts["msg"] = shown(f"{len(failures)} of {of_all} {what}{plural} failed: {named}")
    return {**result, **parts, "failed": True}
