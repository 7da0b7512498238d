# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read a whole list from its pages, or raise an error: never return an incomplete list.

Source: ``limit``, ``offset`` and the header ``X-Total-Hits`` (grade A; for iroh-sse inferred).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer, field_names
from ansible_collections.emailsec.ctr.plugins.module_utils._http.body import whole_number
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerUnreadable
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE

from .errors import FieldMissing, ListUnstable
from .sse_fields import value_of

MOST_READS = 3
MOST_PAGES = 1000


class _ListChanged(Exception):
    """The list changed while it was read: read it from the start."""


def read_pages(
    get_page: Callable[[dict[str, int]], Answer],
    path: str,
    *,
    page: int,
    names: tuple[str, ...],
    list_in: str = "",
    secrets: Secrets,
) -> list[Any]:
    """Return all records. ``get_page`` takes limit and offset. ``names`` are those of the field that identifies a record.
    ``list_in`` is the field of the answer that holds the list, if the answer is an object.

    Raise ListUnstable, AnswerUnreadable or FieldMissing.
    """
    why = ""
    for _read in range(MOST_READS):
        try:
            return _read_once(get_page, page, names, list_in, secrets)
        except _ListChanged as changed:
            why = str(changed)
    raise ListUnstable(
        f"the list changed during each of {MOST_READS} attempts to read it; {why}",
        method="GET",
        path=path,
        fix="rerun when fewer changes are being made",
    )


def _read_once(
    get_page: Callable[[dict[str, int]], Answer], page: int, names: tuple[str, ...], list_in: str, secrets: Secrets
) -> list[Any]:
    """Read the list once. Raise _ListChanged if it changes.

    Each page begins with the last record of the page before it. This detects a removal and an addition between two
    pages, which leave the total unchanged.
    """
    found: dict[str, Any] = {}
    last: str | None = None
    total: int | None = None
    for number in range(MOST_PAGES):
        answer = get_page({"limit": page, "offset": len(found) - (1 if last else 0)})
        records = _records(answer, list_in, secrets)
        said = _total(answer)
        if number and said != total:
            raise _ListChanged(f"the total changed from {total} to {said} records")
        total = said
        came = [(_identity(record, names, answer, secrets), record) for record in records]
        if number and total is None and came and all(identity in found for identity, _record in came):
            # The end of the list, or a server that ignores the offset and repeats the whole list.
            return list(found.values())
        if last:
            if not came or came[0][0] != last:
                raise _ListChanged("a page did not begin with the last record of the page before it")
            came = came[1:]
        fresh = dict(came)
        if len(fresh) < len(came) or not found.keys().isdisjoint(fresh):
            raise _ListChanged("the API sent a record in two pages")
        found.update(fresh)
        if total is not None and len(found) > total:
            raise _ListChanged(f"the API sent {len(found)} records, but announced {total}")
        if len(found) == total or (total is None and not came):
            return list(found.values())
        if not came:
            raise _ListChanged(f"the API sent only {len(found)} of {total} records")
        # A page of one record cannot repeat the last record of the page before it.
        last = came[-1][0] if len(records) > 1 else None
    raise ListUnstable(f"the list has more than {MOST_PAGES} pages", method="GET", path=answer.path, host=answer.host)


def _records(answer: Answer, list_in: str, secrets: Secrets) -> list[Any]:
    records = answer.json(secrets)
    if list_in and isinstance(records, dict):
        records = records.get(list_in, records)
    if isinstance(records, list):
        return records
    received = f"an object with the fields {field_names(records, secrets)}" if isinstance(records, dict) else "no list"
    raise AnswerUnreadable(
        f"the answer is {received[:200]}, but must be a list",
        fix=RUN_PROBE,
        **answer.where,
    )


def _total(answer: Answer) -> int | None:
    return whole_number(str(answer.headers.get("X-Total-Hits", "")))


def _identity(record: Any, names: tuple[str, ...], answer: Answer, secrets: Secrets) -> str:
    value, key = value_of(record, names), names[0]
    if isinstance(value, str) and value:
        return value
    raise FieldMissing(
        f'the field "{key}" of a record is missing or is not a string; fields in the answer: {field_names(record, secrets)}',
        field=key,
        fix=RUN_PROBE,
        **answer.where,
    )
