# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One compared thing: what is wanted, what was found, the verdict, and the step of a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._report.verdicts import UNKNOWN

TITLES = {
    "reachable": "Reachable",
    "supported": "Product and version",
    "enabled": "Cloud service enabled",
    "server": "Server",
    "registration": "Registration",
    "pending_changes": "Uncommitted changes",
    "sse_record": "SSE record",
    "sse_region": "SSE region",
    "sse_name": "SSE name",
    "sse_version": "SSE version",
    "sse_connector": "SSE connector",
    "module": "CTR module",
    "module_device": "Module's device",
    "module_timeframe": "Request timeframe (days)",
    "module_enabled": "Module enabled",
    "devices_read": "SSE devices",
    "orphans": "Records that no appliance claims",
    "duplicates": "Names that stand twice",
    "modules_read": "CTR modules",
    "module_types": "Module types",
    "stray_modules": "Modules without a device",
    "shared_devices": "Devices with several modules",
    "quota": "API calls left",
}

Check = dict[str, Any]


def check(code: str, wanted: Any, found: Any, verdict: str, *, step: str | None = None, reason: str = "") -> Check:
    """One row of the report; ``code`` is a key of TITLES."""
    return {
        "check": code,
        "title": TITLES[code],
        "wanted": wanted,
        "found": found,
        "verdict": verdict,
        "step": step,
        "reason": reason,
    }


def not_compared(codes: Iterable[str], reason: str, verdict: str = UNKNOWN) -> list[Check]:
    """The rows of what could not be read, or is left alone, all for one reason."""
    return [check(code, None, None, verdict, reason=reason) for code in codes]
