# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift documents of simulated fleets for tests, benchmarks and the images in docs/. They never change."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE, page_of
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import APPLIANCE_CHECKS, SUPPORTED
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._report.document import drift_document
from ansible_collections.emailsec.ctr.plugins.module_utils._report.drift_rows import TITLES

Row = dict[str, Any]
CREATED = datetime(2026, 11, 24, 8, 6, 43, tzinfo=UTC)
HOSTILE = (
    "<script>alert(document.domain)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"quoted\" 'name' & `more`",
    "e" * 300 + ".example.com",
    "\u05de\u05db\u05e9\u05d9\u05e8 \u05d3\u05d5\u05d0\u05e8.example.com",
    "esa-\u202egnp.exe\u202c.example.com",
    '=HYPERLINK("http://198.51.100.7/","esa")',
    "-->]]>{{ 7 * 7 }}|pipe\\back\u2028line\x1b[31mred\x00",
)


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def check(
    code: str,
    wanted: Any,
    found: Any,
    verdict: str = "ok",
    step: str | None = None,
    reason: str = "",
    explained: bool | None = None,
) -> Row:
    """Return a check of the collection, or a check with an unknown code."""
    values = {"wanted": wanted, "found": found, "verdict": verdict, "step": step, "reason": reason}
    more = {} if explained is None else {"explained": explained}
    return {"check": code, "title": TITLES.get(code, code), **values, **more}


def appliance(
    host: str, region: str = "europe", *, sma: bool = False, serial: int = 1, worse: dict[str, Row] | None = None
) -> Row:
    """Return an appliance that matches the inventory, except for the checks in ``worse``."""
    server = KNOWN_REGIONS[region].appliance_server
    product, version = ("SMA", "14.2.0-620") if sma else ("ESA", "15.0.0-104")
    release = version.partition("-")[0]
    checks = {
        "reachable": check("reachable", True, True),
        "supported": check("supported", SUPPORTED[product], f"{product} {version}"),
        "enabled": check("enabled", True, True),
        "server": check("server", server, server),
        "registration": check("registration", "registered", "registered"),
        "pending_changes": check("pending_changes", False, False),
        "sse_record": check("sse_record", "Registered", "Registered"),
        "sse_region": check("sse_region", region, region),
        "sse_name": check("sse_name", host, host),
        "sse_version": check("sse_version", release, release),
        "sse_connector": check("sse_connector", None, "1.3.34"),
        "module": check("module", host, host),
        "module_device": check("module_device", host, host),
        "module_timeframe": check("module_timeframe", 30, 30),
        "module_enabled": check("module_enabled", True, True),
    } | (worse or {})
    why = checks["reachable"]["reason"] or checks["supported"]["reason"]
    unread = bool(why)
    return {
        "host": host,
        "region": region,
        "reason": why,
        "hostname": None if unread else host,
        "product": None if unread else product,
        "model": None if unread else ("M100V" if sma else "C100V"),
        "version": None if unread else version,
        "serial": None if unread else f"564D{serial:08X}-{serial * 7919:08X}",
        "steps": list(dict.fromkeys(entry["step"] for entry in checks.values() if entry["step"])),
        "checks": list(checks.values()),
    }


def wrong_server(region: str) -> dict[str, Row]:
    server = KNOWN_REGIONS[region].appliance_server
    other = KNOWN_REGIONS["americas" if region != "americas" else "europe"].appliance_server
    return {"server": check("server", server, other, "drift", str(plan.Step(plan.SET_SERVER, server)))}


def not_registered(host: str) -> dict[str, Row]:
    step = str(plan.Step(plan.REGISTER))
    return {
        "registration": check("registration", "registered", "unregistered", "drift", step),
        "sse_record": check("sse_record", "Registered", "absent", "drift", step),
        "module": check("module", host, None, "drift", "module created"),
    }


def no_answer(reason: str) -> dict[str, Row]:
    later = {
        code: check(code, None, None, "unknown", reason="not reached", explained=True) for code in APPLIANCE_CHECKS[1:]
    }
    return {**later, "reachable": check("reachable", True, False, "unknown", reason=reason)}


def refused() -> dict[str, Row]:
    reason = "AsyncOS 12.5.0 is older than 13.0. Fix: upgrade the appliance, then rerun."
    later = {
        code: check(code, None, None, "refused", reason="the appliance is skipped", explained=True)
        for code in APPLIANCE_CHECKS[2:]
    }
    return {**later, "supported": check("supported", None, None, "refused", reason=reason)}


def timeframe() -> dict[str, Row]:
    return {"module_timeframe": check("module_timeframe", 30, 7, "drift", "module updated")}


def region(name: str, orphans: int = 0, remaining: int = 7990) -> Row:
    step = f"{orphans} record{'' if orphans == 1 else 's'} deleted" if orphans else None
    named = ", ".join(f"gone{number}.example.com (id-{number}, Unregistered)" for number in range(1, orphans + 1))
    return {
        "region": name,
        "quota": {"limit": 8000, "remaining": remaining},
        "checks": [
            check("devices_read", True, True, reason="4 devices"),
            check("orphans", 0, orphans, "drift" if orphans else "ok", step, named),
            check("duplicates", 0, 0),
            check("modules_read", True, True, reason="4 modules"),
            check("module_types", "ESA, SMA", "ESA: Email Security Appliance, SMA: Security Management Appliance"),
            check("stray_modules", 0, 0),
            check("shared_devices", 0, 0),
            check("quota", None, remaining),
        ],
    }


TIMEOUT = (
    "no answer from esa7.example.com (192.0.2.17), port 22, within 10 s. Fix: check the address, and that no "
    "firewall blocks the connection."
)


def small_rows() -> tuple[list[Row], list[Row]]:
    """Return a fleet of eight appliances, with all kinds of problems."""
    rows = [
        appliance("esa1.example.com", serial=1),
        appliance("esa2.example.com", serial=2, worse=timeframe()),
        appliance("esa3.example.com", "americas", serial=3, worse=refused()),
        appliance("esa4.example.com", "americas", serial=4),
        appliance("esa5.example.com", "apjc", serial=5, worse=wrong_server("apjc")),
        appliance("esa6.example.com", "apjc", serial=6, worse=not_registered("esa6.example.com")),
        appliance("esa7.example.com", "europe", serial=7, worse=no_answer(TIMEOUT)),
        appliance("sma1.example.com", "europe", sma=True, serial=8),
    ]
    return [region("americas"), region("europe", orphans=2, remaining=7412), region("apjc", remaining=6120)], rows


def many_rows(number: int) -> tuple[list[Row], list[Row]]:
    """Return a large fleet in which nine of ten appliances match the inventory."""
    chance = random.Random(number)
    rows = []
    for place in range(1, number + 1):
        name = chance.choices(["europe", "americas", "apjc"], [5, 4, 1])[0]
        host = f"esa{place}.{name}.example.com"
        kinds = [{}, timeframe(), wrong_server(name), not_registered(host), refused(), no_answer(TIMEOUT)]
        worse = chance.choices(kinds, [180, 6, 4, 5, 2, 3])[0]
        rows.append(appliance(host, name, sma=place % 25 == 0, serial=place, worse=worse))
    return [region("europe", remaining=5310), region("americas", orphans=3, remaining=7020), region("apjc")], rows


def hostile_rows() -> tuple[list[Row], list[Row]]:
    """Return a fleet with a hostile text in all values from devices, clouds and the inventory."""
    rows = []
    for place, text in enumerate(HOSTILE):
        worse = {
            "server": check("server", text, text + "?", "drift", f"step {text}", f"reason {text}"),
            "sse_name": {**check("sse_name", True, 12, "unknown"), "title": text},
        }
        rows.append(
            {
                **appliance(text, serial=place, worse=worse),
                "hostname": text,
                "product": text,
                "model": text,
                "version": text,
                "serial": text,
                "reason": text,
                "finding": dict.fromkeys(("code", "sentence", "evidence", "fix", "page"), text)
                | {"portal_url": "javascript:alert(1)"},
            }
        )
    bad = region("europe", orphans=1)
    bad["checks"].append(check(HOSTILE[0], HOSTILE[1], HOSTILE[2], "drift", HOSTILE[6], HOSTILE[7]))
    return [bad, {**region("americas"), "label": HOSTILE[0], "portal_url": "javascript:alert(1)"}], rows


def finding(code: str, host: str, region: str, evidence: str) -> Row:
    """Return a finding of the catalogue, like a diagnosis."""
    known, place = BY_CODE[code], KNOWN_REGIONS[region]
    names = {"host": host, "region": place.label, "portal": place.portal_url, "server": place.appliance_server}
    return {
        "code": code,
        "sentence": known.sentence.format(**names),
        "evidence": evidence,
        "fix": known.fix.format(**names),
        "portal_url": place.portal_url,
        "page": page_of(code),
    }


def diagnosed_rows() -> tuple[list[Row], list[Row]]:
    """Return the eight appliances after a diagnosis; one of them matches the inventory but does not work."""
    regions, rows = small_rows()
    found = {
        "esa1.example.com": ("module_unhealthy", "CTR: module 1d3f, health error"),
        "esa4.example.com": ("nothing_wrong", "cloudserviceconfig: registered on api-sse.cisco.com"),
        "esa5.example.com": ("wrong_region_server", "cloudserviceconfig: server api-sse.cisco.com"),
        "esa6.example.com": ("never_registered", "cloudserviceconfig: asks for a token; SSE of apjc: no record"),
        "esa7.example.com": ("not_reachable", f"SSH: {TIMEOUT}"),
    }
    for row in rows:
        if row["host"] in found:
            code, evidence = found[row["host"]]
            row["finding"] = finding(code, row["host"], row["region"], evidence)
    return regions, rows


def broken_rows() -> tuple[list[Row], list[Row]]:
    """Return one appliance that matches the inventory but does not work."""
    row = appliance("esa1.example.com")
    row["finding"] = finding("module_unhealthy", "esa1.example.com", "europe", "CTR: module 1d3f, health error")
    return [region("europe")], [row]


def build(rows: tuple[list[Row], list[Row]], **more: Any) -> Row:
    """Return the document of these regions and appliances."""
    regions, appliances = rows
    values = {"title": "Drift", "created": moment(CREATED), "collection": "1.0.0", **more}
    return drift_document(regions=regions, appliances=appliances, **values)


def with_past(rows: tuple[list[Row], list[Row]], reports: int = 14) -> Row:
    """Return the document with a history and a last report in which some appliances were different."""
    regions, appliances = rows
    before = [dict(row) for row in appliances[:-1]]
    for row in before[1 : min(len(before), 60) : 4]:
        row["checks"] = [check("reachable", True, True)]
    old = appliance("esa0.example.com", serial=99)
    last = build((regions, [*before, old]), created=moment(CREATED - timedelta(hours=1)))
    chance = random.Random(reports)
    history = []
    for place in range(reports, 0, -1):
        now = dict(last["counts"])
        for verdict in ("unknown", "refused", "drift"):
            most = now[verdict] + max(1, now[verdict] // 2)
            now[verdict] = chance.randint(now[verdict] // 2, most)
        now["ok"] = max(0, sum(last["counts"].values()) - sum(now.values()) + now["ok"])
        history.append({"created": moment(CREATED - timedelta(hours=place)), "counts": now})
    history[-1] = {"created": last["created"], "counts": last["counts"]}
    return build(rows, last=last, history=history)
