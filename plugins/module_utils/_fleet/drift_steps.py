# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. How far a run would come with one appliance, and what it would do on the way.

A run goes: enable and server, token, registration, waiting for SSE, the old region, the module. What stops it on the way
leaves the steps before it done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import plan
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .._report.verdicts import DRIFT, OK, REFUSED, UNKNOWN
from .by_region import ByRegion, Told, meant
from .checks import Check, check
from .found import is_busy
from .rows import READ, WRITTEN, Row

TOKEN_COMES = ("added", "new_token", "handed_out")
MODULE_STEPS = ("created", "updated")
STOPS = "a run stops for this appliance before it comes to this"
WAIT = str(plan.Step(plan.WAIT))
LEFT = "a run leaves this as it is"


@dataclass(frozen=True)
class Outlook:
    """``steps`` of a run in their order; ``stop`` is REFUSED or UNKNOWN where it does not come to its end, with ``reason``.

    ``shown_in_sse``: exactly one record of the wanted region is registered under the appliance's name.
    """

    steps: list[str] = field(default_factory=list)
    stop: str = ""
    reason: str = ""
    shown_in_sse: bool = False

    def step(self, beginnings: tuple[str, ...]) -> str | None:
        """The first step that begins so, the beginnings in their order."""
        return next((step for begin in beginnings for step in self.steps if step.startswith(begin)), None)

    def compared(
        self,
        code: str,
        wanted: Any,
        found: Any,
        steps: tuple[str, ...] = (),
        *,
        reason: str = "",
        same: bool | None = None,
    ) -> Check:
        """The row of two values: ok, or else the step of the run (one that begins so), or why there is none.

        ``reason`` is why no run mends it; ``same`` says whether they are the same where that is more than being equal.
        """
        if wanted == found and same is not False:
            return check(code, wanted, found, OK)
        step = self.step(steps)
        if step:
            return check(code, wanted, found, DRIFT, step=step)
        if self.stop == REFUSED:
            return check(code, wanted, found, REFUSED, reason=reason or STOPS)
        return check(code, wanted, found, DRIFT, reason=reason or (STOPS if self.stop else LEFT))


def outlook_of(row: Row, read: Mapping[str, Any], variables: Mapping[str, Any], told: Told) -> Outlook:
    """``row`` is that of fleet_state, ``read`` that of esa_cloud_service_info, ``variables`` what fleet_found made of it."""
    devices = told["devices"]
    stop, reason = "", ""
    if row["failed"]:
        stop = UNKNOWN if _for_want_of_reading(row, read, told) else REFUSED
        reason = _waits_in_vain(row, told["waited"]) or row["short_reason"]
    alike = devices.devices_named(row["region"], row["device"]) if row["device"] else []
    shown = [str(device["status"]).lower() for device in meant(alike, row["device"])] == ["registered"]
    return Outlook(_steps(row, read, variables, told), stop, reason, shown)


def _steps(row: Row, read: Mapping[str, Any], variables: Mapping[str, Any], told: Told) -> list[str]:
    first, second = (list(variables[name].get("steps") or []) for name in (READ, WRITTEN))
    if _region_unread(row, told["devices"]):
        return []
    if is_busy(read):
        return [WAIT]
    rest = row["steps"][len(first) + len(second) :]
    if row["failed"] and second and not _gets_token(row, told):
        return first
    # An appliance for which the run has stopped before has no module among the answers.
    module = [f"module {row['module']}"] if row["module"] in MODULE_STEPS else []
    return [*first, *second, *rest, *module]


def _gets_token(row: Row, told: Told) -> bool:
    answers = [told[key].entry(row["region"], "devices", row["device"]) for key in ("tokens", "portal_tokens")]
    return any(answer is not None and answer["action"] in TOKEN_COMES for answer in answers)


def _waits_in_vain(row: Row, waited: ByRegion) -> str:
    """The reason of an appliance that a run waits for; the report itself has not waited."""
    region = row["region"]
    state = (waited.value(region, "missing") or {}).get(row["device"])
    if not state or not row["reason"].startswith("registered on the appliance"):
        return ""
    return (
        f"registered on the appliance, but SSE of {REGIONS[region].label} does not show it so ({state}); a run waits for it, "
        f"and stops for this appliance if it does not come. Remedy: {waited.value(region, 'remedy')}"
    )


def _region_unread(row: Row, devices: ByRegion) -> bool:
    return bool(devices.error(row["region"])) and row["reason"] == devices.error(row["region"])


def _for_want_of_reading(row: Row, read: Mapping[str, Any], told: Told) -> bool:
    """Whether the run stops because something could not be read, not because it was read and is refused."""
    if read["msg"]:
        return not read["refused"]
    if is_busy(read):
        return True
    region = row["region"]
    unread = [told[key] for key in ("devices", "modules") if not is_refusal(told[key], region)]
    return any(answers.error(region) == row["reason"] for answers in unread)


def is_refusal(answers: ByRegion, region: str) -> bool:
    """Whether the turn of a region failed over something that was read, such as a module type that is not there.

    What fails between us and the API names the request, which is C(path).
    """
    return bool(answers.error(region)) and not answers.value(region, "path") and bool(answers.value(region, "remedy"))
