# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The sentences of the drift report, shared by all formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import NOTHING_WRONG

from .text import one_line, value_text
from .verdicts import DRIFT, NOT_READ, OK, REFUSED, UNKNOWN, WORST_FIRST, not_ok, worst

Document = Mapping[str, Any]
NOT_COMPARED = (UNKNOWN, REFUSED)


def headline(document: Document) -> str:
    """Return the headline: whether all appliances match the inventory, or how many need attention."""
    counts = document["counts"]
    total, bad = sum(counts.values()), not_ok(counts)
    if not total:
        return "No appliance was compared."
    if bad:
        needs = "needs" if bad == 1 else "need"
        return f"{bad} of {appliances(total)} {needs} attention: {', '.join(_parts(counts))}."
    fine = f"All {appliances(total)} match" if total > 1 else "The appliance matches"
    regions = [one_line(region["label"]) for region in document["regions"] if own_verdict(region) != OK]
    needs = "needs" if len(regions) == 1 else "need"
    but = f", but {' and '.join(regions)} {needs} attention" if regions else ""
    return f"{fine} the inventory{but}."


def diagnosis(document: Document) -> str:
    """Return how many appliances have a finding, also those that match the inventory; empty without a diagnosis."""
    rows = document["appliances"]
    found = [row for row in rows if broken_link(row)]
    if not found:
        return "The diagnosis found no problems." if any(row.get("finding") for row in rows) else ""
    matching = [row for row in found if row["verdict"] == OK]
    text = f"The diagnosis found problems on {appliances(len(found))}"
    if matching and len(matching) < len(found):
        text += f", of which {len(matching):,} {'matches' if len(matching) == 1 else 'match'} the inventory"
    return f"{text}."


def answer(document: Document) -> str:
    """Return headline and diagnosis as one text."""
    return " ".join(filter(None, (headline(document), diagnosis(document))))


def counts_text(counts: Mapping[str, int]) -> str:
    """Return the counts as a text such as C(1 unknown, 5 drift, 2 ok), worst first, without zeros."""
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in WORST_FIRST if counts[verdict]) or "none"


def appliances(number: int) -> str:
    """Return a number of appliances, such as C(1 appliance) or C(2,000 appliances)."""
    return f"{number:,} appliance" + ("" if number == 1 else "s")


def own_verdict(region: Mapping[str, Any]) -> str:
    """Return the worst verdict of the checks of the region itself, without its appliances."""
    return worst((check["verdict"] for check in region["checks"]), otherwise=OK)


def check_text(check: Mapping[str, Any], shown: str = "") -> str:
    """Return the result of a check, such as C(Server: found a, wanted b), without its reason if that is ``shown`` already."""
    title, reason = one_line(check["title"]), one_line(check["reason"])
    if _is_not_compared(check) and (check["verdict"] == UNKNOWN or check["wanted"] is None):
        return f"{title}: {reason or NOT_READ}"
    found = "nothing" if check["found"] is None else one_line(value_text(check["found"]))
    wanted = one_line(value_text(check["wanted"]))
    said = f"{title}: found {found}" + ("" if check["wanted"] is None else f", wanted {wanted}")
    return f"{said} ({reason})" if reason and reason != shown else said


def differences(row: Mapping[str, Any]) -> list[str]:
    """Return what differs on an appliance or in a region: its reason, then the checks that are not ok, worst first."""
    checks = sorted(
        (check for check in row["checks"] if check["verdict"] != OK),
        key=lambda check: WORST_FIRST.index(check["verdict"]),
    )
    reason = one_line(row.get("reason", ""))
    own = [check for check in checks if not check["explained"]]
    explained = reason or any(check["verdict"] in NOT_COMPARED for check in own)
    texts = [reason] if reason else []
    causes: set[str] = set()
    for check in own if explained else checks:
        # A region that cannot be read has several checks with the same reason; show it once.
        cause = one_line(check["reason"]) if _is_not_compared(check) else ""
        if cause not in causes:
            texts.append(check_text(check, reason))
        causes |= {cause} - {""}
    return texts


def _is_not_compared(check: Mapping[str, Any]) -> bool:
    """Return whether a check has no value to compare."""
    return check["verdict"] in NOT_COMPARED and check["found"] is None


def broken_link(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the finding of an appliance, or None if the diagnosis found no problem."""
    finding = row.get("finding")
    return finding if finding and finding["code"] != NOTHING_WRONG.code else None


def next_steps(row: Mapping[str, Any]) -> list[str]:
    """Return the steps of a run for an appliance; for a region, the steps of its checks."""
    steps = row.get("steps")
    if steps is None:
        steps = [check["step"] for check in row["checks"] if check["step"]]
    return [one_line(step) for step in steps]


def region_line(region: Mapping[str, Any]) -> str:
    """Return a region as a line such as C(EUROPE: 3 appliances, 1 drift, 2 ok; 7,990 of 8,000 calls left)."""
    counts = region["counts"]
    said = f"{region['label']}: {appliances(sum(counts.values()))}"
    said += f", {counts_text(counts)}" if any(counts.values()) else ""
    return f"{said}; {quota_text(region)}" if region["quota"] else said


def quota_text(region: Mapping[str, Any]) -> str:
    """Return the quota of a region, such as C(7,990 of 8,000 calls left)."""
    quota = region["quota"]
    return f"{quota['remaining']:,} of {quota['limit']:,} calls left"


def moment(created: str) -> str:
    """Return a time such as C(2026-11-24T08:06:43Z) in the form C(2026-11-24 08:06 UTC)."""
    return f"{created[:10]} {created[11:16]} UTC"


def since_last(document: Document) -> str:
    """Return what changed since the last report, or an empty text if this is the first report."""
    previous = document["previous"]
    if previous is None:
        return ""
    parts = []
    changed = previous["changed"]
    worse = [entry for entry in changed if WORST_FIRST.index(entry["to"]) < WORST_FIRST.index(entry["from"])]
    for number, what in (
        (len(worse), "worse"),
        (len(changed) - len(worse), "better"),
        (len(previous["added"]), "new"),
        (len(previous["gone"]), "no longer in the report"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    return f"Since {moment(previous['created'])}: {', '.join(parts) or 'no verdict changed'}"


def _parts(counts: Mapping[str, int]) -> list[str]:
    said = {
        UNKNOWN: ("could not be read", "could not be read"),
        REFUSED: ("is refused", "are refused"),
        DRIFT: ("has drifted", "have drifted"),
    }
    return [
        f"{counts[verdict]:,} {words[0] if counts[verdict] == 1 else words[1]}"
        for verdict, words in said.items()
        if counts[verdict]
    ]
