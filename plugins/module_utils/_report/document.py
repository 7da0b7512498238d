# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document: rows made complete, counted and compared with the last report.

Its schema is published as docs/drift.schema.json; everything else of the report is made from this one document.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .text import text_of
from .verdicts import OK, REFUSED, UNKNOWN, WORST_FIRST, count, worst

SCHEMA_VERSION = 1
FACTS = ("hostname", "product", "model", "version", "serial")

Row = dict[str, Any]


class BadRow(ValueError):
    """A row that the report was given does not have the shape of the schema; says which and what."""


def drift_document(
    *,
    title: str,
    created: str,
    collection: str,
    regions: Iterable[Mapping[str, Any]],
    appliances: Iterable[Mapping[str, Any]],
    last: Mapping[str, Any] | None = None,
    history: Sequence[Mapping[str, Any]] = (),
) -> Row:
    """The whole document, the worst first.

    ``created`` is a time such as 2026-11-24T08:06:43Z, ``last`` the document of the last report, ``history`` what older
    reports counted (C(created) and C(counts)), oldest first. A region may say C(region) and C(checks) only; a region that
    only an appliance names is added. Verdicts are the worst of the checks, so that the two cannot disagree; where nothing
    was compared it is unknown. Raises BadRow.
    """
    rows = _sorted(_appliance(place, row) for place, row in enumerate(appliances))
    _refuse_doubles("appliance", [row["host"] for row in rows])
    counts = count(row["verdict"] for row in rows)
    places = _regions(regions, rows)
    return {
        "schema_version": SCHEMA_VERSION,
        "title": text_of(title),
        "created": created,
        "collection": collection,
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
    said = [_verdict(what, given["verdict"])] if given.get("verdict") else []
    return {
        "host": host,
        "region": _named(what, given, "region"),
        "verdict": worst([check["verdict"] for check in checks] + said),
        "reason": _text(given.get("reason")) or "",
        **{fact: _text(given.get(fact)) for fact in FACTS},
        "steps": [text_of(step) for step in given.get("steps") or []],
        "finding": _finding(given.get("finding")),
        "checks": checks,
    }


def _finding(given: Mapping[str, Any] | None) -> Row | None:
    """The finding of a diagnosis, if there was one."""
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
            _refuse_doubles("region", [name, name])
        entries[name] = entry
    of_region: dict[str, list[str]] = {name: [] for name in entries}
    for row in rows:
        of_region.setdefault(row["region"], []).append(row["verdict"])
    return _sorted(_region(name, entries.get(name, {}), verdicts) for name, verdicts in of_region.items())


def _region(name: str, given: Mapping[str, Any], verdicts: Sequence[str]) -> Row:
    known = REGIONS.get(name)
    checks = _checks(f"the region {name}", given)
    return {
        "region": name,
        "label": _text(given.get("label")) or (known.label if known else name.upper()),
        "portal_url": _text(given.get("portal_url")) or (known.portal_url if known else ""),
        # A region without appliances and checks has nothing that could be amiss.
        "verdict": worst([*verdicts, *(check["verdict"] for check in checks)], otherwise=OK),
        "counts": count(verdicts),
        "quota": _quota(name, given.get("quota")),
        "checks": checks,
    }


def _checks(what: str, given: Mapping[str, Any]) -> list[Row]:
    checks = []
    said = _text(given.get("reason")) or ""
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
        checks.append({**row, "explained": _is_explained(row, said) if explained is None else bool(explained)})
    return checks


def _is_explained(check: Mapping[str, Any], said: str) -> bool:
    """Return whether a check that is not ok adds nothing to the reason of its row."""
    if check["verdict"] == UNKNOWN and check["found"] is not None:
        return bool(said) and check["reason"] == said
    return check["verdict"] in (UNKNOWN, REFUSED) and check["found"] is None and check["reason"] in ("", said)


def _quota(name: str, given: Mapping[str, Any] | None) -> dict[str, int] | None:
    if not given or given.get("limit") is None or given.get("remaining") is None:
        return None
    try:
        return {key: max(0, int(given[key])) for key in ("limit", "remaining")}
    except (TypeError, ValueError):
        raise BadRow(f"the quota of the region {name} is not two numbers: {given!r}.") from None


def _compared(last: Mapping[str, Any], rows: Sequence[Row]) -> Row:
    """The last report beside this one. An appliance that changed its region is the same appliance."""
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
    """The worst first; among equals as they came."""
    return sorted(rows, key=lambda row: WORST_FIRST.index(row["verdict"]))


def _named(what: str, given: Any, key: str) -> str:
    if not isinstance(given, Mapping):
        raise BadRow(f"{what} is not a dictionary but {type(given).__name__}.")
    if given.get(key) in (None, ""):
        raise BadRow(f"{what} has no {key}.")
    return text_of(given[key])


def _verdict(what: str, value: Any) -> str:
    if value not in WORST_FIRST:
        raise BadRow(f"{what} has the verdict {value!r}; known are {', '.join(WORST_FIRST)}.")
    return str(value)


def _text(value: Any) -> str | None:
    return None if value is None else text_of(value)


def _value(value: Any) -> str | float | bool | None:
    """Booleans and numbers as they are, without what Ansible attaches to them; anything else as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    return text_of(value)


def _refuse_doubles(kind: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadRow(f"the {kind} {name} is there twice.")
        seen.add(name)
