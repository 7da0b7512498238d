# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the requested modules from the options, and refuse contradictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import repeated_names
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

SHORTEST_TIMEFRAME, LONGEST_TIMEFRAME = 1, 365


@dataclass(frozen=True)
class WantedModule:
    """A requested module. ``device`` is the name or id of an SSE device; ``id`` is the id of the module.

    With C(state=present), it has a name and a device; with C(state=absent), at least one of name, device and id.
    """

    name: str | None
    device: str | None
    days: int
    enabled: bool
    product: str
    id: str | None = None

    @property
    def label(self) -> str:
        """Return the name, id or device for messages."""
        return self.name or self.id or (f"of device {self.device}" if self.device else "")


def wanted_modules(options: dict[str, Any]) -> list[WantedModule]:
    """Return the requested modules in order. Raise OptionRefused for contradictions."""
    items = options["modules"]
    if items is None:
        items = [{key: options[key] for key in ("name", "device", "id")}]
    wanted = []
    for item in items:
        own = {key: value for key, value in item.items() if value is not None}
        settings = {**options, **own}
        wanted.append(
            WantedModule(
                name=_stripped(item.get("name")),
                device=_stripped(item.get("device")),
                days=settings["request_timeframe_days"],
                enabled=settings["enabled"],
                product=settings["product"],
                id=_stripped(item.get("id")),
            )
        )
    _refuse_contradictions(wanted, options)
    return wanted


def _refuse_contradictions(wanted: list[WantedModule], options: dict[str, Any]) -> None:
    for one in wanted:
        if not one.label or (options["state"] == "present" and not one.name):
            raise OptionRefused("an entry of modules has an empty name", fix="set name in each entry")
        if not SHORTEST_TIMEFRAME <= one.days <= LONGEST_TIMEFRAME:
            raise OptionRefused(
                f"request_timeframe_days of {one.label} is {one.days}",
                fix=f"set it to {SHORTEST_TIMEFRAME} to {LONGEST_TIMEFRAME}",
            )
        if options["state"] == "present" and not one.device:
            raise OptionRefused(
                f"the module {one.name} has no device", fix="set device to the name or id of an SSE device"
            )
        if options["state"] == "present" and one.id:
            raise OptionRefused(
                f"the module {one.name} has the option id, which is only for state: absent",
                fix="remove id; with state: present, a module is found by its name or its device",
            )
    for product in sorted({one.product for one in wanted}):
        of_product = [one for one in wanted if one.product == product]
        _refuse_repeated([one.id for one in of_product if one.id], "id")
        _refuse_repeated([one.name for one in of_product if one.name and not one.id], "name")
        by_device = [one for one in of_product if options["state"] == "present" or not (one.name or one.id)]
        _refuse_repeated([one.device for one in by_device if one.device], "device")


def _refuse_repeated(values: list[str], what: str) -> None:
    twice = repeated_names(values)
    if twice:
        raise OptionRefused(f"modules repeats this {what}: {', '.join(twice)}", fix="list each module once")


def _stripped(value: str | None) -> str | None:
    return (value or "").strip() or None
