# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The way of a test message: SMTP accepted, tracked, module healthy, sighting found.

Each link has its time or the reason why it broke; the first broken one ends the chain, and has the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._iroh.sightings import bare_value
from .by_region import ByRegion

SENT, TRACKED = "esa_ctr__sent", "esa_ctr__tracked"
GIVEN = "esa_ctr_verify_message_id"
LINKS = ("smtp", "tracked", "module", "sighting")
OK, BROKEN, NOT_SENT = "ok", "broken", "not sent"
MESSAGE_ID = re.compile(r"[^@\s]+@[^@\s]+")
"""What CTR can be asked for; one appliance with another must not spoil the question for a whole region."""

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

    With ``health`` (of the modules) only those that can be found, each with the module that has to find it: a message of a
    module that does not work would be waited for in vain, and that another module sees it too proves nothing.
    """
    told = ByRegion(health)
    regions: dict[str, list[dict[str, str]]] = {}
    for host, wanted in settings.items():
        message_id = _tracked_id(hostvars[host])
        module = _module(wanted, told)
        if MESSAGE_ID.fullmatch(message_id) and (health is None or not module.problem):
            observable = {"type": "email_messageid", "value": message_id}
            if module.id:
                observable["module_instance_id"] = module.id
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
    """Per host one row: C(smtp), C(tracked), C(module), C(sighting) (a time of day or a word each), C(result), C(detail).

    C(times) has the same times by link in full: when the listener accepted the message, and when tracking, the health
    check and the investigation were seen to have what is looked for.

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
    row |= {"times": {}, "result": OK, "detail": ""}
    if check_mode:
        return row | {"result": NOT_SENT, "detail": "a message would be sent, tracked and looked for"}
    sent, tracked = (variables.get(name) or {} for name in (SENT, TRACKED))
    if sent.get("skipped"):
        row["smtp"] = "not sent by this run"
    elif sent_message_id(sent):
        row = _passed(row, "smtp", sent["sent_at"])
        row["message_id"] = sent["message_id"]
    else:
        return _broken(row, "smtp", str(sent.get("msg") or "no test message was sent."))
    row["message_id"] = _tracked_id(variables) or row["message_id"]
    if not tracked.get("messages"):
        return _broken(row, "tracked", str(tracked.get("msg") or "message tracking was not asked."))
    if not MESSAGE_ID.fullmatch(str(row["message_id"])):
        return _broken(row, "tracked", f"CTR cannot be asked for the Message-ID {row['message_id']!r}. {_ANOTHER}")
    row = _passed(row, "tracked", tracked.get("looked_at"))
    module = _module(wanted, health)
    if module.problem:
        return _broken(row, "module", module.problem)
    row = _passed(row, "module", health.value(str(row["region"]), "looked_at"))
    if module.status != OK:
        row["module"] = f"{module.status}, {row['module']}"
    return _find(row, module.id, investigation)


_ANOTHER = "Remedy: follow a message whose Message-ID is of the form name@domain."


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
        return _Module(problem=f"CTR has no module {name!r}. Remedy: add it with emailsec.ctr.onboard.")
    errors = [
        one
        for one in health.value(region, "errors") or []
        if one["module_instance_id"] == own["module_instance_id"] and one["type"] != "warning"
    ]
    problem = ""
    if own["status"] == "error" or errors:
        words = _words(errors) or "its health is error"
        problem = f"the module {name!r} does not work: {words}. Remedy: emailsec.ctr.diagnose says why."
    return _Module(own["module_instance_id"], own["status"], problem)


def _find(row: Row, module_id: str | None, investigation: ByRegion) -> Row:
    region = str(row["region"])
    sightings = investigation.value(region, "sightings")
    for one in sightings or []:
        if one["module_instance_id"] == module_id and row["message_id"] in map(bare_value, one["observables"]):
            return _passed(row, "sighting", investigation.value(region, "looked_at"))
    if sightings is None:
        return _broken(row, "sighting", investigation.error(region) or "CTR was not asked.")
    errors = [one for one in investigation.value(region, "errors") or [] if one["module_instance_id"] == module_id]
    return _broken(
        row,
        "sighting",
        f"the message is tracked, and the module has no sighting of it in time{': ' if errors else ''}{_words(errors)}. "
        f"Remedy: follow it again later, with esa_ctr_verify_message_id {row['message_id']}; emailsec.ctr.diagnose says "
        "what else may be wrong.",
    )


def _words(errors: list[Mapping[str, Any]]) -> str:
    """The errors of a module in one line, without its name."""
    return "; ".join(f"{one['message'] or 'no message'} ({one['code'] or 'no code'})" for one in errors)


def _tracked_id(variables: Mapping[str, Any]) -> str:
    """The Message-ID of what was found; where tracking does not tell it, the one that was asked for."""
    messages = (variables.get(TRACKED) or {}).get("messages") or []
    if not messages:
        return ""
    told = messages[0].get("message_id") or sent_message_id(variables.get(SENT)) or variables.get(GIVEN)
    return str(told or "").strip().strip("<>")


def _passed(row: Row, link: str, at: Any) -> Row:
    """The row with this link whole since this time."""
    return row | {link: _time(at) or "yes", "times": {**row["times"], link: at or None}}


def _broken(row: Row, link: str, why: str) -> Row:
    return row | {link: BROKEN, "result": BROKEN, "detail": f"{link}: {why}"}


def _time(text: Any) -> str | None:
    """The time of day of an ISO 8601 text, in UTC, for a narrow column."""
    return f"{str(text)[11:19]} UTC" if text and len(str(text)) >= 19 else None
