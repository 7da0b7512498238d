# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Which modules a task asks for, and what contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import repeated_names
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

SHORTEST_TIMEFRAME, LONGEST_TIMEFRAME = 1, 365


@dataclass(frozen=True)
class WantedModule:
    """One module as the task asks for it; ``device`` is the name or the id of an SSE device, ``id`` the module's.

    One that is to be present has a name and a device; one that is to be absent has any of the three.
    """

    name: str | None
    device: str | None
    days: int
    enabled: bool
    product: str
    id: str | None = None

    @property
    def label(self) -> str:
        """What to call it in messages."""
        return self.name or self.id or (f"of device {self.device}" if self.device else "")


def wanted_modules(options: dict[str, Any]) -> list[WantedModule]:
    """The modules that the task asks for, in order. Raises OptionRefused for what contradicts itself."""
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
            raise OptionRefused("a module is asked for with an empty name")
        if not SHORTEST_TIMEFRAME <= one.days <= LONGEST_TIMEFRAME:
            raise OptionRefused(
                f"request_timeframe_days of {one.label} must be {SHORTEST_TIMEFRAME} to {LONGEST_TIMEFRAME}, "
                f"and is {one.days}"
            )
        if options["state"] == "present" and not one.device:
            raise OptionRefused(f"the module {one.name} needs the option device: the name or id of an SSE device")
        if options["state"] == "present" and one.id:
            raise OptionRefused(
                f"the module {one.name} has the option id, which is for state: absent alone",
                fix="A module that is to be present is found by its name or its device.",
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
        raise OptionRefused(f"two of the modules asked for have the same {what}: {', '.join(twice)}")


def _stripped(value: str | None) -> str | None:
    return (value or "").strip() or None
