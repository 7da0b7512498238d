# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Derive from the calls that the lab recorded the steps on each appliance and the writes in each cloud."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.integration.support.lab import Call
from tests.lab.dialect import SERVER_LABEL
from tests.lab.fleet import ApplianceSpec

TOKEN = re.compile(r"[0-9a-f]{32}")
OPERATIONS = ("ENABLE", "SETTRS", "REGISTER", "DEREGISTER", "DISABLE")

Write = tuple[str, str]
"""Action and object: `add` and `token` with the name of the record, `delete record` with its id; `module
created` and `module updated` with the name of the module, `delete module` with its id."""


def steps_typed(calls: Iterable[Call], spec: ApplianceSpec) -> list[str]:
    """Return the steps on this appliance in the words of the planner. Reads are not steps."""
    servers = [SERVER_LABEL.fullmatch(label)["fqdn"] for label in spec.dialect.servers]
    steps: list[str] = []
    operation, switched = "", False
    for call in calls:
        if call["kind"] != "cli" or call["who"] != spec.name:
            continue
        line, command = call["line"].strip(), call["command"]
        if line == "^C":
            operation = ""
        elif line == command:
            operation = command
            if command == "commit":
                steps.append("commit ()")
        elif operation == "commit":
            steps[-1] = f"commit ({line})"
            operation = ""
        elif command == "threatresponseconfig":
            switched = switched or (line == "ENABLE" and call["write"])
        elif operation in ("ENABLE", "SETTRS") and line.isdigit():
            enables = operation == "ENABLE" or switched
            steps.append(
                f"{'enable the cloud service on' if enables else 'set the server to'} {servers[int(line) - 1]}"
            )
            operation, switched = "", False
        elif operation == "REGISTER" and TOKEN.fullmatch(line):
            steps.append("register with a registration token")
            operation = ""
        elif operation == "DEREGISTER" and line == "Y":
            steps.append("deregister")
            operation = ""
        elif line in OPERATIONS:
            operation = line
        elif call["write"] and command != "commit":
            steps.append(f"{command}: {line}")  # an unexpected line
    return steps


def _remaining_module(module_id: str, before: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    """Return the module that remains of several equal modules: updating it also removes the others."""

    def key(one: Mapping[str, Any]) -> tuple[Any, ...]:
        devices = [value for value in one["settings"].values() if isinstance(value, str)]
        return one["name"], one["module_type_id"], *devices

    modules = {one["id"]: one for one in before["module_instances"]}
    alike = [one["id"] for one in modules.values() if key(one) == key(modules[module_id])]
    return next((one for one in alike if one != module_id and one in names), None)


def cloud_writes(
    calls: Iterable[Call], region: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Counter[Write]:
    """Return the requests that changed the cloud of this region; ``before`` and ``after`` are its states."""
    devices = {device["id"]: device["name"] for device in before["devices"]}
    names = {module["id"]: module["name"] for module in after["module_instances"]}
    added = [("add", device["name"]) for device in after["devices"] if device["id"] not in devices]
    known = {module["id"] for module in before["module_instances"]}
    made = [("module created", module["name"]) for module in after["module_instances"] if module["id"] not in known]
    seen: Counter[Write] = Counter()
    for call in calls:
        if call["kind"] != "http" or call["region"] != region or not call["write"]:
            continue
        what, _slash, rest = call["path"].partition("?")[0].removeprefix("/iroh/").partition("/")
        kind, _slash, place = rest.partition("/")
        key = (call["method"], what, kind, "token" if place.endswith("/token") else bool(place))
        target = place.removesuffix("/token")
        if key == ("POST", "iroh-sse", "device", False) and added:
            seen[added.pop()] += 1
        elif key == ("POST", "iroh-sse", "device", "token"):
            seen["token", devices[target]] += 1
        elif key == ("DELETE", "iroh-sse", "device", True):
            seen["delete record", target] += 1
        elif key == ("POST", "iroh-int", "module-instance", False) and made:
            seen[made.pop()] += 1
        elif key == ("PATCH", "iroh-int", "module-instance", True):
            seen["module updated", names[target]] += 1
        elif key == ("DELETE", "iroh-int", "module-instance", True):
            twin = _remaining_module(target, before, names)
            if twin is None:
                seen["delete module", target] += 1
            else:
                seen["module updated", names[twin]] = 1
        else:
            seen[f"{call['method']} {call['path']}", ""] += 1
    assert not added and not made, (added, made)
    return seen
