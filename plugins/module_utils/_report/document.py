# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document: complete rows, their counts, and the comparison with the last report.

Its schema is docs/drift.schema.json. All formats of the report are generated from this document.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .text import text_of
from .verdicts import OK, REFUSED, UNKNOWN, WORST_FIRST, count, worst

SCHEMA_VERSION = 1
FACTS = ("hostname", "product", "model", "version", "serial")

Row = dict[str, Any]


class BadRow(ValueError):
    """A row does not match the schema. The message names the row and the problem."""


def drift_document(
    *,
    title: str,
    created: str,
    collection: str,
    regions: Iterable[Mapping[str, Any]],
    appliances: Iterable[Mapping[str, Any]],
    last: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
    profile: Sequence[str] = (),
) -> Row:
    """Return the document, with the worst verdicts first. Raises BadRow.

    ``created`` is a time such as 2026-11-24T08:06:43Z. ``last`` is the document of the last report. ``history`` holds
    C(created) and C(counts) of earlier reports, oldest first. A region needs only C(region) and C(checks); a region that is
    named only by an appliance is added. ``profile`` names the profiles that apply. The verdict of a row is the worst of its
    checks, and unknown without checks.
    """
    rows = _sorted(_appliance(place, row) for place, row in enumerate(appliances))
    _refuse_duplicates("appliance", [row["host"] for row in rows])
    counts = count(row["verdict"] for row in rows)
    places = _regions(regions, rows)
    return {
        "schema_version": SCHEMA_VERSION,
        "title": text_of(title),
        "created": created,
        "collection": collection,
        **({"profile": [text_of(one) for one in profile]} if profile else {}),
        "verdict": worst([row["verdict"] for row in [*places, *rows]]),
        "counts": counts,
        "regions": places,
        "appliances": rows,
        "previous": _compared(last, rows) if last else None,
        "history": [
            *({"created": old["created"], "counts": dict(old["counts"])} for old in history),
            {"created": created, "counts": counts},
        ],
    }


FINDING = ("code", "sentence", "evidence", "fix", "portal_url", "page")


def _appliance(place: int, given: Mapping[str, Any]) -> Row:
    what = f"appliances[{place}]"
    host = _named(what, given, "host")
    what = f"the appliance {host}"
    checks = _checks(what, given)
    stated = [_verdict(what, given["verdict"])] if given.get("verdict") else []
    return {
        "host": host,
        "region": _named(what, given, "region"),
        "verdict": worst([check["verdict"] for check in checks] + stated),
        "reason": _text(given.get("reason")) or "",
        **{fact: _text(given.get(fact)) for fact in FACTS},
        "steps": [text_of(step) for step in given.get("steps") or []],
        "finding": _finding(given.get("finding")),
        "checks": checks,
    }


def _finding(given: Mapping[str, Any] | None) -> Row | None:
    """Return the finding of a diagnosis, or None without a diagnosis."""
    if not given:
        return None
    finding = {key: _text(given.get(key)) or "" for key in FINDING}
    finding["fix"] = finding["fix"] or _text(given.get("remedy")) or ""
    return {**finding, "remedy": finding["fix"]}


def _regions(given: Iterable[Mapping[str, Any]], rows: Sequence[Row]) -> list[Row]:
    entries = {}
    for place, entry in enumerate(given):
        name = _named(f"regions[{place}]", entry, "region")
        if name in entries:
            _refuse_duplicates("region", [name, name])
        entries[name] = entry
    of_region: dict[str, list[str]] = {name: [] for name in entries}
    for row in rows:
        of_region.setdefault(row["region"], []).append(row["verdict"])
    return _sorted(_region(name, entries.get(name, {}), verdicts) for name, verdicts in of_region.items())


def _region(name: str, given: Mapping[str, Any], verdicts: Sequence[str]) -> Row:
    known = all_regions().get(name)
    checks = _checks(f"the region {name}", given)
    return {
        "region": name,
        "label": _text(given.get("label")) or (known.label if known else name.upper()),
        "portal_url": _text(given.get("portal_url")) or (known.portal_url if known else ""),
        # A region without appliances and checks is ok.
        "verdict": worst([*verdicts, *(check["verdict"] for check in checks)], otherwise=OK),
        "counts": count(verdicts),
        "quota": _quota(name, given.get("quota")),
        "checks": checks,
    }


def _checks(what: str, given: Mapping[str, Any]) -> list[Row]:
    checks = []
    row_reason = _text(given.get("reason")) or ""
    for place, check in enumerate(given.get("checks") or []):
        code = _named(f"checks[{place}] of {what}", check, "check")
        where = f"the check {code} of {what}"
        row = {
            "check": code,
            "title": _text(check.get("title")) or code.replace("_", " ").capitalize(),
            "wanted": _value(check.get("wanted")),
            "found": _value(check.get("found")),
            "verdict": _verdict(where, check.get("verdict")),
            "step": _text(check.get("step")),
            "reason": _text(check.get("reason")) or "",
        }
        explained = check.get("explained")
        checks.append({**row, "explained": _is_explained(row, row_reason) if explained is None else bool(explained)})
    return checks


def _is_explained(check: Mapping[str, Any], row_reason: str) -> bool:
    """Return whether the reason of the row already explains why this check is not ok."""
    if check["verdict"] == UNKNOWN and check["found"] is not None:
        return bool(row_reason) and check["reason"] == row_reason
    return check["verdict"] in (UNKNOWN, REFUSED) and check["found"] is None and check["reason"] in ("", row_reason)


def _quota(name: str, given: Mapping[str, Any] | None) -> dict[str, int] | None:
    if not given or given.get("limit") is None or given.get("remaining") is None:
        return None
    try:
        return {key: max(0, int(given[key])) for key in ("limit", "remaining")}
    except (TypeError, ValueError):
        raise BadRow(f"the quota of the region {name} must have a numeric limit and remaining: {given!r}.") from None


def _compared(last: Mapping[str, Any], rows: Sequence[Row]) -> Row:
    """Return the changes since the last report. An appliance that moved to another region is the same appliance."""
    before = {row["host"]: row for row in last["appliances"]}
    now = {row["host"]: row for row in rows}

    def brief(row: Mapping[str, Any]) -> Row:
        return {key: row[key] for key in ("host", "region", "verdict")}

    return {
        "created": last["created"],
        "counts": dict(last["counts"]),
        "changed": [
            {"host": host, "region": row["region"], "from": before[host]["verdict"], "to": row["verdict"]}
            for host, row in now.items()
            if host in before and before[host]["verdict"] != row["verdict"]
        ],
        "added": [brief(row) for host, row in now.items() if host not in before],
        "gone": [brief(row) for host, row in before.items() if host not in now],
    }


def _sorted(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with the worst verdict first, otherwise in the given order."""
    return sorted(rows, key=lambda row: WORST_FIRST.index(row["verdict"]))


def _named(what: str, given: Any, key: str) -> str:
    if not isinstance(given, Mapping):
        raise BadRow(f"{what} must be a dictionary, not {type(given).__name__}.")
    if given.get(key) in (None, ""):
        raise BadRow(f"{what} has no {key}.")
    return text_of(given[key])


def _verdict(what: str, value: Any) -> str:
    if value not in WORST_FIRST:
        raise BadRow(f"{what} has the verdict {value!r}; valid verdicts are {', '.join(WORST_FIRST)}.")
    return str(value)


def _text(value: Any) -> str | None:
    return None if value is None else text_of(value)


def _value(value: Any) -> str | float | bool | None:
    """Return a boolean or number as a plain Python value (without the tags of Ansible), anything else as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    return text_of(value)


def _refuse_duplicates(kind: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadRow(f"duplicate {kind}: {name}.")
        seen.add(name)
