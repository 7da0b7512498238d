# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The rules of the diagnosis, each a code of the catalogue with what shows it.

A rule returns the evidence (what was read where) if it holds, or None. They are asked in the order of the catalogue, from
the appliance to the investigation, so that the finding nearest the cause wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.refusals import TRACKING_OFF
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .evidence import Evidence

Rule = Callable[[Evidence], "str | None"]

FORBIDDEN, TOO_MANY = 403, 429


def managed_by_sma(told: Evidence) -> str | None:
    sma = told.wanted.get("managed_by_sma")
    if sma:
        return f"inventory: esa_ctr_managed_by_sma is {sma}"
    return "inventory: esa_ctr_hosted is true" if told.wanted.get("hosted") else None


def not_reachable(told: Evidence) -> str | None:
    return None if told.read["reachable"] else f"SSH: {told.read['problem']}"


def too_old(told: Evidence) -> str | None:
    refused = told.read["refused"] and not told.service
    return f"version: {told.read['problem']}" if refused else None


def not_readable(told: Evidence) -> str | None:
    return None if told.service else f"command line: {told.read['problem']}"


def not_enabled(told: Evidence) -> str | None:
    return None if told.service["enabled"] else "cloudserviceconfig: disabled"


def not_committed(told: Evidence) -> str | None:
    if told.registration != "unavailable":
        return None
    pending = " showchanges: uncommitted changes." if told.read["pending_changes"] else ""
    return f"cloudserviceconfig: enabled, and neither registered nor asking for a token.{pending}"


def wrong_region_server(told: Evidence) -> str | None:
    server, wanted = told.service["server"], REGIONS[told.region].appliance_server
    if server is None or server == wanted:
        return None
    return f"cloudserviceconfig: server {server}; inventory: {told.region}, which is {wanted}"


def busy_too_long(told: Evidence) -> str | None:
    return "cloudserviceconfig: busy, each time it was read" if told.registration == "in_progress" else None


def _api_not_usable(told: Evidence, task: str) -> str | None:
    turn = told.failure(task)
    return None if turn is None or _lacks_scope(turn) or turn.get("http_status") == TOO_MANY else str(turn["msg"])


def _quota_used_up(told: Evidence, task: str) -> str | None:
    turn = told.failure(task)
    return f"{turn.get('path')}: 429" if turn and turn.get("http_status") == TOO_MANY else None


def _scope_missing(told: Evidence, task: str) -> str | None:
    turn = told.failure(task)
    if turn is None or not _lacks_scope(turn):
        return None
    said = [str(turn[key]) for key in ("error_description", "remedy") if turn.get(key)]
    return ". ".join([f"{turn.get('path')}: 403 {turn.get('error') or ''}".rstrip(), *said])


def _lacks_scope(turn: Mapping[str, Any]) -> bool:
    """Whether the API itself forbade it to a client that was let in; else a 403 is of the log-in, or of a proxy."""
    login = str(turn.get("path")).endswith("/oauth2/token")
    by_api = bool(turn.get("error")) or "scope" in str(turn.get("remedy"))
    return turn.get("http_status") == FORBIDDEN and by_api and not login


def _of_task(task: str) -> list[tuple[str, Rule]]:
    """What keeps one of the cloud tasks from telling anything: the same three findings at every stage of the way."""
    return [
        ("quota_used_up", partial(_quota_used_up, task=task)),
        ("scope_missing", partial(_scope_missing, task=task)),
        ("api_not_usable", partial(_api_not_usable, task=task)),
    ]


def same_host_name(told: Evidence) -> str | None:
    others = [
        host
        for host, name in told.readings.namesakes(told.region)
        if name == told.record_names[0] and host != told.host
    ]
    return (
        f"version and prompt: {told.record_names[0]} is also the host name of {', '.join(others)}" if others else None
    )


def two_records(told: Evidence) -> str | None:
    return f"{_records(told)}" if len(told.records(told.region)) > 1 else None


def registered_elsewhere(told: Evidence) -> str | None:
    if told.registered_records(told.region) or not told.elsewhere:
        return None
    shown = ", ".join(f"{region} (device {one['id']})" for region, one in told.elsewhere)
    return f"SSE of {told.region}: not registered; registered in {shown}"


def registered_only_in_sse(told: Evidence) -> str | None:
    if told.registration not in ("unregistered", "failed") or not told.registered_records(told.region):
        return None
    shows = "asks for a token" if told.registration == "unregistered" else "the registration failed"
    return f"cloudserviceconfig: {shows}; {_records(told)}"


def token_refused(told: Evidence) -> str | None:
    if told.registration != "failed" or not told.records(told.region):
        return None
    return f"cloudserviceconfig: the registration failed; {_records(told)}"


def registration_failed(told: Evidence) -> str | None:
    return f"cloudserviceconfig: the registration failed; {_records(told)}" if told.registration == "failed" else None


def token_not_used(told: Evidence) -> str | None:
    if told.registration != "unregistered" or not told.records(told.region):
        return None
    return f"cloudserviceconfig: asks for a token; {_records(told)}"


def never_registered(told: Evidence) -> str | None:
    return f"cloudserviceconfig: asks for a token; {_records(told)}" if told.registration == "unregistered" else None


def absent_in_sse(told: Evidence) -> str | None:
    if told.registered_records(told.region):
        return None
    return f"cloudserviceconfig: registered; {_records(told)}"


def ctr_not_enabled_in_sse(told: Evidence) -> str | None:
    types = told.readings.modules.value(told.region, "module_types") or []
    none_offered = [one for one in types if one.get("devices_offered") == 0 and one["product"] == _product(told)]
    if not none_offered:
        return None
    return f"module type {none_offered[0]['title']}: its field Registered Device offers none, and {_records(told)}"


def module_unclear(told: Evidence) -> str | None:
    if not told.module:
        return "CTR: its module was not compared, because a run over the appliance would stop before"
    return f"CTR: {told.module['error']}" if told.module["action"] == "failed" else None


def module_missing(told: Evidence) -> str | None:
    if told.module.get("found"):
        return None
    return f"CTR: no module {told.wanted['module_name']!r}, and none of its device"


def module_of_another_device(told: Evidence) -> str | None:
    points_to = told.module["found"].get("device_id")
    own = [one["id"] for one in told.registered_records(told.region)]
    if points_to in own:
        return None
    known = {one["id"]: one for one in told.readings.devices.devices(told.region) or []}
    to = (
        f"device {points_to}, {known[points_to]['name']}"
        if points_to in known
        else f"device {points_to}, which is gone"
    )
    return f"CTR: module {told.module_id} points to {to}; the appliance is device {', '.join(own)}"


def module_disabled(told: Evidence) -> str | None:
    return f"CTR: module {told.module_id} is disabled" if told.module["found"].get("enabled") is False else None


def module_unhealthy(told: Evidence) -> str | None:
    words = "; ".join(f"{one['code']}: {one['message']}" for one in told.module_errors())
    if told.health() == "error" or words:
        return f"CTR: module {told.module_id}: health {told.health()}" + (f"; {words}" if words else "")
    return None


def query_syntax(told: Evidence) -> str | None:
    return f"query: {told.readings.query_problem}" if told.readings.query_problem else None


def tracking_off(told: Evidence) -> str | None:
    shown = told.tracking
    if shown.get("refusal") != TRACKING_OFF:
        return None
    return f"{shown['path']}: {shown['http_status']} {shown['error']}"


def no_data_in_timeframe(told: Evidence) -> str | None:
    if not told.readings.query or told.sightings():
        return None
    days = told.module["found"].get("request_timeframe_days")
    seen = (
        f"message tracking: {told.tracking['total']} messages in {days} days"
        if "total" in told.tracking
        else told.tracking_problem or "message tracking: not read"
    )
    return f"CTR: no sighting of {told.readings.query} in module {told.module_id} ({days} days); {seen}"


RULES: tuple[tuple[str, Rule], ...] = (
    *((rule.__name__, rule) for rule in (managed_by_sma, not_reachable, too_old, not_readable)),
    *(
        (rule.__name__, rule)
        for rule in (not_enabled, not_committed, wrong_region_server, busy_too_long, same_host_name)
    ),
    *_of_task("devices"),
    *((rule.__name__, rule) for rule in (two_records, registered_elsewhere, registered_only_in_sse)),
    *((rule.__name__, rule) for rule in (token_refused, registration_failed)),
    *((rule.__name__, rule) for rule in (token_not_used, never_registered, absent_in_sse)),
    *_of_task("modules"),
    *((rule.__name__, rule) for rule in (ctr_not_enabled_in_sse, module_unclear, module_missing)),
    *((rule.__name__, rule) for rule in (module_of_another_device, module_disabled)),
    *_of_task("investigation"),
    *((rule.__name__, rule) for rule in (module_unhealthy, query_syntax, tracking_off, no_data_in_timeframe)),
)
"""In the order of the way from the appliance to the investigation."""


def _records(told: Evidence) -> str:
    shown = ", ".join(f"device {one['id']}, {one['status']}" for one in told.records(told.region))
    return f"SSE of {told.region}: {shown or 'no record'}"


def _product(told: Evidence) -> str:
    return str(told.service.get("product") or "").lower()
