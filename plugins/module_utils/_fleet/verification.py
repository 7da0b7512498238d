# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The way of a test message: SMTP accepted, tracked, module healthy, sighting found.

Each link has its time or the reason why it broke; the first broken one ends the chain, and has the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .by_region import ByRegion

SENT, TRACKED = "esa_ctr__sent", "esa_ctr__tracked"
LINKS = ("smtp", "tracked", "module", "sighting")
OK, BROKEN, NOT_SENT = "ok", "broken", "not sent"

Row = dict[str, Any]


def sent_message_id(sent: Mapping[str, Any] | None) -> str:
    """The Message-ID of a test message that was accepted, or an empty text."""
    accepted = sent and sent.get("sent_at") and not sent.get("step")
    return str(sent["message_id"]) if sent and accepted else ""


def tracked_messages(
    settings: Mapping[str, Mapping[str, Any]],
    hostvars: Mapping[str, Mapping[str, Any]],
    health: Mapping[str, Any] | None = None,
) -> dict[str, list[dict[str, str]]]:
    """By region, the messages that were tracked, as observables for ctr_investigation_info.

    With ``health`` (of the modules) only those that can be found: a message of a module that does not work would be waited
    for in vain.
    """
    told = ByRegion(health)
    regions: dict[str, list[dict[str, str]]] = {}
    for host, wanted in settings.items():
        message_id = _tracked_id(hostvars[host])
        if message_id and (health is None or not _module(wanted, told).problem):
            observable = {"type": "email_messageid", "value": message_id}
            observables = regions.setdefault(str(wanted["region"]), [])
            if observable not in observables:
                observables.append(observable)
    return regions


def product_in_sse(settings: Mapping[str, Mapping[str, Any]], devices: Mapping[str, Any] | None, host: str) -> str:
    """What SSE shows this host to be, C(esa) or C(sma); C(esa) where it does not say."""
    shown = ByRegion(devices).devices_named(str(settings[host]["region"]), host)
    return "sma" if any(str(one.get("type")).lower() == "sma" for one in shown) else "esa"


def fleet_verification(
    settings: Mapping[str, Mapping[str, Any]],
    hostvars: Mapping[str, Mapping[str, Any]],
    health: Mapping[str, Any] | None,
    investigation: Mapping[str, Any] | None,
    check_mode: bool = False,
) -> dict[str, Row]:
    """Per host one row: C(smtp), C(tracked), C(module), C(sighting) (a time or a word each), C(result), C(detail).

    ``health`` and ``investigation`` are results of ctr_investigation_info looped over regions.
    """
    told = ByRegion(health), ByRegion(investigation)
    return {str(host): _row(str(host), wanted, hostvars[host], *told, check_mode) for host, wanted in settings.items()}


def _row(
    host: str,
    wanted: Mapping[str, Any],
    variables: Mapping[str, Any],
    health: ByRegion,
    investigation: ByRegion,
    check_mode: bool,
) -> Row:
    row: Row = {"host": host, "region": wanted["region"], "message_id": None, **dict.fromkeys(LINKS)}
    row |= {"result": OK, "detail": ""}
    if check_mode:
        return row | {"result": NOT_SENT, "detail": "a message would be sent, tracked and looked for"}
    sent, tracked = (variables.get(name) or {} for name in (SENT, TRACKED))
    if sent.get("skipped"):
        row["smtp"] = "not sent by this run"
    elif sent_message_id(sent):
        row["smtp"] = _time(sent["sent_at"])
        row["message_id"] = sent["message_id"]
    else:
        return _broken(row, "smtp", str(sent.get("msg") or "no test message was sent."))
    if not _tracked_id(variables):
        return _broken(row, "tracked", str(tracked.get("msg") or "message tracking was not asked."))
    row["message_id"] = _tracked_id(variables)
    row["tracked"] = _time(tracked["messages"][0].get("timestamp")) or "yes"
    module = _module(wanted, health)
    if module.problem:
        return _broken(row, "module", module.problem)
    row["module"] = module.status
    return _find(row, module.id, investigation)


@dataclass(frozen=True)
class _Module:
    """The module of an appliance in the answer of the health check; ``problem`` is empty where it works."""

    id: str | None = None
    status: str | None = None
    problem: str = ""


def _module(wanted: Mapping[str, Any], health: ByRegion) -> _Module:
    region, name = str(wanted["region"]), wanted["module_name"]
    modules = (health.value(region, "health") or {}).get("modules")
    if modules is None:
        return _Module(problem=health.error(region) or "CTR was not asked.")
    own = next((one for one in modules if one["module"] == name), None)
    if own is None:
        return _Module(problem=f"CTR has no module {name!r}. Remedy: run emailsec.ctr.onboard.")
    errors = [
        one
        for one in health.value(region, "errors") or []
        if one["module_instance_id"] == own["module_instance_id"] and one["type"] != "warning"
    ]
    problem = ""
    if own["status"] == "error" or errors:
        words = "; ".join(f"{one['message']} ({one['code']})" for one in errors) or "its health is error"
        problem = f"the module {name!r} does not work: {words}. Remedy: run emailsec.ctr.diagnose."
    return _Module(own["module_instance_id"], own["status"], problem)


def _find(row: Row, module_id: str | None, investigation: ByRegion) -> Row:
    region = str(row["region"])
    seen = [
        one
        for one in investigation.value(region, "sightings") or []
        if one["module_instance_id"] == module_id
        and any(part["value"] == row["message_id"] for part in one["observables"])
    ]
    if seen:
        return row | {"sighting": _time((seen[0]["observed_time"] or {}).get("start")) or "yes"}
    if investigation.value(region, "sightings") is None and investigation.error(region):
        return _broken(row, "sighting", investigation.error(region))
    why = "the message is tracked, and the module has no sighting of it in time."
    return _broken(row, "sighting", f"{why} Remedy: wait and verify again, or run emailsec.ctr.diagnose.")


def _tracked_id(variables: Mapping[str, Any]) -> str:
    tracked = variables.get(TRACKED) or {}
    messages = tracked.get("messages") or []
    return str(messages[0].get("message_id") or "").strip("<>") if messages else ""


def _broken(row: Row, link: str, why: str) -> Row:
    return row | {link: BROKEN, "result": BROKEN, "detail": f"{link}: {why}"}


def _time(text: Any) -> str | None:
    """The time of day of an ISO 8601 text, in UTC, for a narrow column."""
    return f"{str(text)[11:19]} UTC" if text and len(str(text)) >= 19 else None
