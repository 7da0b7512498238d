# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What the report says in words, for every format the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import NOTHING_WRONG

from .text import one_line, value_text
from .verdicts import DRIFT, NOT_READ, OK, REFUSED, UNKNOWN, WORST_FIRST, not_ok, worst

Document = Mapping[str, Any]
NOT_MADE = (UNKNOWN, REFUSED)


def headline(document: Document) -> str:
    """One sentence that answers whether the fleet is all right."""
    counts = document["counts"]
    total, bad = sum(counts.values()), not_ok(counts)
    if not total:
        return "No appliance was compared."
    if bad:
        needs = "needs" if bad == 1 else "need"
        return f"{bad} of {appliances(total)} {needs} attention: {', '.join(_parts(counts))}."
    fine = f"All {appliances(total)} are" if total > 1 else "The appliance is"
    elsewhere = [one_line(region["label"]) for region in document["regions"] if own_verdict(region) != OK]
    but = f", but not all is well in {' and '.join(elsewhere)}" if elsewhere else ""
    return f"{fine} as the inventory says{but}."


def diagnosis(document: Document) -> str:
    """What a diagnosis adds to the headline, because an appliance may be as the inventory says and not work; or nothing."""
    rows = document["appliances"]
    found = [row for row in rows if broken_link(row)]
    if not found:
        return "The diagnosis found nothing wrong." if any(row.get("finding") for row in rows) else ""
    quiet = [row for row in found if row["verdict"] == OK]
    said = f"The diagnosis found what is wrong with {appliances(len(found))}"
    if quiet and len(quiet) < len(found):
        said += f", of which {len(quiet):,} {'is' if len(quiet) == 1 else 'are'} as the inventory says"
    return f"{said}."


def answer(document: Document) -> str:
    """Headline and diagnosis, for those formats that have one place for both."""
    return " ".join(filter(None, (headline(document), diagnosis(document))))


def counts_text(counts: Mapping[str, int]) -> str:
    """Such as C(1 unknown, 5 drift, 2 ok), the worst first, without zeros."""
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in WORST_FIRST if counts[verdict]) or "none"


def appliances(number: int) -> str:
    return f"{number:,} appliance" + ("" if number == 1 else "s")


def own_verdict(region: Mapping[str, Any]) -> str:
    """The verdict on what belongs to the region itself, without its appliances."""
    return worst((check["verdict"] for check in region["checks"]), otherwise=OK)


def check_text(check: Mapping[str, Any], told: str = "") -> str:
    """What is the matter with one check, such as C(Server: found a, wanted b). A reason that was told is not repeated."""
    title, reason = one_line(check["title"]), one_line(check["reason"])
    if _is_unmade(check) and (check["verdict"] == UNKNOWN or check["wanted"] is None):
        return f"{title}: {reason or NOT_READ}"
    found = "nothing" if check["found"] is None else one_line(value_text(check["found"]))
    wanted = one_line(value_text(check["wanted"]))
    said = f"{title}: found {found}" + ("" if check["wanted"] is None else f", wanted {wanted}")
    return f"{said} ({reason})" if reason and reason != told else said


def differences(row: Mapping[str, Any]) -> list[str]:
    """What is the matter with an appliance or a region: its reason, then its checks that are not ok, the worst first."""
    checks = sorted(
        (check for check in row["checks"] if check["verdict"] != OK),
        key=lambda check: WORST_FIRST.index(check["verdict"]),
    )
    reason = one_line(row.get("reason", ""))
    own = [check for check in checks if not check["explained"]]
    explained = reason or any(check["verdict"] in NOT_MADE for check in own)
    told = [reason] if reason else []
    causes: set[str] = set()
    for check in own if explained else checks:
        # A region that did not answer leaves several checks unmade, for one reason.
        cause = one_line(check["reason"]) if _is_unmade(check) else ""
        if cause not in causes:
            told.append(check_text(check, reason))
        causes |= {cause} - {""}
    return told


def _is_unmade(check: Mapping[str, Any]) -> bool:
    """Whether there is nothing that was found and compared."""
    return check["verdict"] in NOT_MADE and check["found"] is None


def broken_link(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The finding of a diagnosis that found something, or None."""
    finding = row.get("finding")
    return finding if finding and finding["code"] != NOTHING_WRONG.code else None


def next_steps(row: Mapping[str, Any]) -> list[str]:
    """What a run would do for an appliance; for a region, what its checks ask for."""
    steps = row.get("steps")
    if steps is None:
        steps = [check["step"] for check in row["checks"] if check["step"]]
    return [one_line(step) for step in steps]


def region_line(region: Mapping[str, Any]) -> str:
    """Such as C(EUROPE: 3 appliances, 1 drift, 2 ok; 7,990 of 8,000 calls left)."""
    counts = region["counts"]
    said = f"{region['label']}: {appliances(sum(counts.values()))}"
    said += f", {counts_text(counts)}" if any(counts.values()) else ""
    return f"{said}; {quota_text(region)}" if region["quota"] else said


def quota_text(region: Mapping[str, Any]) -> str:
    quota = region["quota"]
    return f"{quota['remaining']:,} of {quota['limit']:,} calls left"


def moment(created: str) -> str:
    """C(2026-11-24T08:06:43Z) as C(2026-11-24 08:06 UTC)."""
    return f"{created[:10]} {created[11:16]} UTC"


def since_last(document: Document) -> str:
    """What changed since the last report, or an empty text where there was none."""
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
