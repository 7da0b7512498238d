# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. How far each appliance has come in this run, and what is next for each region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import plan
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import Refusal
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .by_region import ByRegion, Told
from .elsewhere import find_elsewhere, judge_leftovers, judge_unread, old_modules, old_records
from .notes import notes_of
from .orphans import removable
from .rows import Row, fail, fail_namesakes, row_of
from .shared import Shared, shared_notes, shared_reasons, short_reason, stop_message

DUMMY_TOKEN = "0" * 32
MISSING_SCOPE = 403

Registered: TypeAlias = "Mapping[str, Any] | None"


def fleet_state(
    settings: Mapping[str, Mapping[str, Any]],
    hostvars: Mapping[str, Mapping[str, Any]],
    alive: Iterable[str],
    results: Mapping[str, Registered] | None = None,
    state: str = "present",
    check_mode: bool = False,
    allow_move: bool = False,
) -> dict[str, Any]:
    """The fleet from what the tasks so far have registered.

    ``allow_move`` is for the hosts whose settings do not say it. ``alive`` are the hosts that Ansible still runs;
    ``results`` the registered results of the loops over regions, by what they are: ``devices`` (the reading before
    everything), ``tokens``, ``portal_tokens``, ``waited``, ``modules``,
    ``records``, ``old_modules``, ``old_records``, ``pruned_modules``, ``pruned_records``, and ``orphans`` (the result of
    fleet_orphans). With ``state`` C(absent) the first task of each host only read, so
    that its steps are predictions. Returns ``hosts`` (host -> row, every key in every row), and by region what is next:
    ``without_token`` and ``without_portal_token`` (device names, and host names), ``to_register`` and ``to_wait_for``
    (names of the devices that come with this run, and that SSE should show now), ``modules`` and ``old_modules`` (items for
    ctr_module), ``records`` and ``old_records`` (items for sse_device); and ``notes``, sentences that concern no single row.
    """
    told = Told(results or {})
    devices = told["devices"]
    orphans = (results or {}).get("orphans") or {}
    tokens = ByRegion(*((results or {}).get(key) for key in ("tokens", "portal_tokens")))
    if state not in ("present", "absent"):
        raise ValueError(f"no such state: {state!r}")
    present = state == "present"
    alive = set(alive)
    rows = {
        str(host): row_of(str(host), wanted, hostvars[host], host in alive, read_only=not present)
        for host, wanted in settings.items()
    }
    fail_namesakes(rows.values())
    moving = {host for host, wanted in settings.items() if wanted.get("allow_region_change", allow_move) and present}
    find_elsewhere(rows.values(), devices, moving)
    for row in rows.values():
        _judge_region(row, devices)
        if present:
            _judge_commit(row)
            _judge_token(row, tokens)
            _judge_wait(row, told["waited"])
        _judge_module(row, told["modules"])
        if not present:
            _judge_record(row, devices, told["records"])
            _note_record_by_hand(row, devices)
    judge_leftovers(rows.values(), *(told[key] for key in ("old_modules", "old_records")))
    judge_unread(rows.values(), devices)
    shared = shared_reasons(rows.values())
    for row in rows.values():
        _conclude(row, present, shared)
    going = [row for row in rows.values() if not row["failed"]]
    registered = [row for row in going if row["registration"] == "registered"]
    return {
        "hosts": rows,
        "without_token": _by_region(going, lambda row: row["needs_token"] and not row["by_hand"], _device),
        "without_portal_token": _by_region(going, lambda row: row["needs_token"] and row["by_hand"], _host),
        "to_register": _by_region(going, lambda row: row["needs_token"], _device),
        "to_wait_for": _by_region(
            registered,
            lambda row: (
                not (check_mode and row["needs_token"]) and _must_wait(row, devices, orphans if check_mode else {})
            ),
            _device,
        ),
        "modules": _by_region(registered if present else going, lambda row: row["device"], _module_item),
        "records": _by_region(going, lambda row: not present and row["device"], lambda row: _records(row, devices)),
        "old_modules": old_modules(rows.values()),
        "old_records": old_records(rows.values()),
        "notes": [*shared_notes(shared), *notes_of(rows.values(), told, orphans, check_mode)],
    }


def unread_regions(settings: Mapping[str, Mapping[str, Any]], devices: Registered) -> dict[str, str]:
    """By region, why nothing may be done there: its devices could not be read.

    A region whose tokens all come from the portal does not need them: its API client may lack the scope C(sse).
    """
    read = ByRegion(devices)
    hosts = [{"region": wanted["region"], "by_hand": wanted.get("by_hand")} for wanted in settings.values()]
    return {
        row["region"]: read.error(row["region"])
        for row in hosts
        if read.error(row["region"]) and not _works_without_devices(row, read)
    }


def known_devices(
    devices: Registered,
    region: str,
    waited: Registered = None,
    gone: Iterable[Mapping[str, Any]] = (),
    unread: Any = None,
) -> Any:
    """The devices of a region as they are by now, or ``unread`` where they were not read.

    ``waited`` is a newer reading of some of them, ``gone`` are those removed since.
    """
    known = ByRegion(devices).devices(region)
    if known is None:
        return unread
    # Also where it waited in vain for some of them: the others have come.
    shown = ByRegion(waited).value(region, "ansible_facts") or {}
    newer = {device["id"]: device for device in shown.get("sse_devices") or []}
    removed = {item["id"] for item in gone}
    now = [newer.pop(device["id"], device) for device in known] + list(newer.values())
    return [device for device in now if device["id"] not in removed]


def registration_token(
    tokens: Registered, portal_tokens: Registered, region: str, device: str, check_mode: bool = False
) -> str | None:
    """The token for this device in this run, or None. In check mode a dummy where there would be one."""
    entry = ByRegion(tokens, portal_tokens).entry(region, "devices" if check_mode else "tokens", device)
    if check_mode:
        return DUMMY_TOKEN if entry and entry["action"] in ("added", "new_token", "handed_out") else None
    return str(entry["token"]) if entry else None


def _works_without_devices(row: Mapping[str, Any], devices: ByRegion) -> bool:
    return bool(row["by_hand"]) and devices.value(row["region"], "http_status") == MISSING_SCOPE


def _judge_region(row: Row, devices: ByRegion) -> None:
    problem = devices.error(row["region"])
    if problem and not _works_without_devices(row, devices):
        fail(row, problem, of_region=True)


def _judge_commit(row: Row) -> None:
    """A token for a service that is enabled and asks for none would be wasted; in the planner's words."""
    try:
        plan.check_asks_for_token(row["host"], row["registration"])
    except Refusal as refusal:
        fail(row, f"{refusal.problem} Remedy: {refusal.remedy}")


def _judge_token(row: Row, tokens: ByRegion) -> None:
    if not row["needs_token"] or not tokens.has_run:
        return
    answer = tokens.entry(row["region"], "devices", row["device"])
    if answer is None:
        problem = tokens.error(row["region"])
        fail(row, problem or "no registration token was issued.", of_region=bool(problem))
    elif answer["action"] == "failed":
        fail(row, f"no registration token: {answer['error']}")
    elif answer["action"] == "none":
        fail(
            row,
            f"SSE shows a registered device {row['device']} (id {answer['id']}), but the appliance is not registered. "
            "Remedy: if that record is a leftover, remove it (emailsec.ctr.sse_device with allow_registered), then run again.",
        )


def _must_wait(row: Row, devices: ByRegion, orphans: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether SSE still has to show this registered appliance. One that it showed before the run is there.

    ``orphans`` is what a run would have removed by then, of what the reading still shows.
    """
    known = devices.devices(row["region"])
    if known is None:
        return not row["by_hand"]
    if row["needs_token"]:
        return True
    gone = {item["id"] for item in removable(orphans, row["region"])}
    shown = [device for device in devices.devices_named(row["region"], row["device"]) if device["id"] not in gone]
    return [str(device["status"]).lower() for device in shown] != ["registered"]


def _judge_wait(row: Row, waited: ByRegion) -> None:
    if row["failed"] or not waited.error(row["region"]):
        return
    missing = waited.value(row["region"], "missing")
    if missing is None:
        fail(row, waited.error(row["region"]), of_region=True)
    elif row["device"] in missing:
        fail(
            row,
            f"registered on the appliance, but not in the SSE of {row['region']} in time ({missing[row['device']]}). "
            f"Remedy: {waited.value(row['region'], 'remedy')}",
        )


def _judge_module(row: Row, modules: ByRegion) -> None:
    answer = modules.entry(row["region"], "modules", row["module_name"])
    if answer is not None:
        row["module"] = {"none": "no change", "by_hand": "by hand"}.get(answer["action"], answer["action"])
        if answer["action"] == "failed":
            fail(row, f"CTR module {row['module_name']!r}: {answer['error']}")
        elif answer["action"] == "by_hand":
            row["notes"].append(str(answer["by_hand"]))
    elif modules.error(row["region"]):
        fail(row, modules.error(row["region"]), of_region=True)


def _judge_record(row: Row, devices: ByRegion, records: ByRegion) -> None:
    """What came of the SSE records of an appliance that was removed."""
    if not records.has_run or not row["device"]:
        return
    for item in _records(row, devices):
        answer = records.entry(row["region"], "devices", item["id"], "id") or {}
        if answer.get("action") == "deleted":
            row["removed_record"] = True
        problem = answer.get("error") or (not answer and records.error(row["region"]))
        if problem:
            fail(row, f"deregistered, but its SSE record is still there: {problem}")


def _note_record_by_hand(row: Row, devices: ByRegion) -> None:
    """Where the records cannot be read, what to remove in the portal."""
    if row["device"] and devices.error(row["region"]) and _works_without_devices(row, devices):
        label = REGIONS[row["region"]].label
        row["notes"].append(f'Remove in the SSE portal of {label}, Devices: "{row["device"]}", if it is there.')


def _conclude(row: Row, present: bool, shared: Shared) -> None:
    row["to_write"] = not row["failed"] and (row["needs_token"] if present else row["predicted"])
    module = [f"module {row['module']}"] if row["module"] not in (None, "no change", "failed", "by hand") else []
    record = ["SSE record deleted"] if row.pop("removed_record", False) else []
    done = [*row["steps"], *module] if present else [*module, *row["steps"], *record]
    row["done"] = done
    row["result"] = "failed" if row["failed"] else "changed" if done else "ok"
    row["short_reason"] = short_reason(row, shared)
    row["message"] = stop_message(row, shared)
    row["detail"] = "; ".join(([row["short_reason"]] if row["failed"] else []) + done + row["notes"])


def _device(row: Row) -> str:
    return row["device"]


def _host(row: Row) -> str:
    return row["host"]


def _module_item(row: Row) -> dict[str, Any]:
    return {
        "name": row["module_name"],
        "device": row["device"],
        "product": row["product"],
        "request_timeframe_days": row["request_timeframe_days"],
    }


def _records(row: Row, devices: ByRegion) -> list[dict[str, Any]]:
    return [
        {"id": device["id"], "name": device["name"]} for device in devices.devices_named(row["region"], row["device"])
    ]


def _by_region(rows: Iterable[Row], chosen: Callable[[Row], Any], shape: Callable[[Row], Any]) -> dict[str, list[Any]]:
    regions: dict[str, list[Any]] = {}
    for row in rows:
        if chosen(row):
            shaped = shape(row)
            regions.setdefault(row["region"], []).extend(shaped if isinstance(shaped, list) else [shaped])
    return regions
