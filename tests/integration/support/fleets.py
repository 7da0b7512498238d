# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw fleets in random states. A fleet is plain data; ``FLEET`` in its names is replaced by its number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from tests.lab.regions import SERVERS

REGIONS = tuple(SERVERS)
VERSIONS = {1: "13.0.0-392", 2: "13.5.1-277", 3: "14.0.0-698", 4: "15.5.1-055"}
TOO_OLD = {"ESA": "12.5.0-066", "SMA": "12.0.0-419"}
SILENT = {"server_default": "none", "current_server_line": False}
"""An appliance of these generations does not show its server."""
DIALECTS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {},
    SILENT,
    {"settrs_while_registered": "refused"},
    {**SILENT, "settrs_while_registered": "refused"},
)
SERVICES = ("off",) * 4 + ("on",) * 2 + ("registered",) * 8 + ("uncommitted", "failed")
FAILURES = (None,) * 25 + ("closed port", "wrong password", "too old", "web gateway", "busy")

Fleet = list[dict[str, Any]]


def fleets() -> st.SearchStrategy[Fleet]:
    """Draw one to six appliances in one to three regions, with their records in the clouds.

    Each is a dict: ``entry`` of the fleet file, ``vars`` of the inventory, ``failure`` (one of FAILURES), and ``twin``,
    whether a second host of the inventory is the same appliance.
    """
    return _fleets()


@st.composite
def _fleets(draw: st.DrawFn) -> Fleet:
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=3, unique=True))
    count = draw(st.integers(1, 6))
    names = [f"FLEET-{place}.example.com" for place in range(1, count + 1)]
    return [draw(_appliances(name, names, regions)) for name in names]


@st.composite
def _appliances(draw: st.DrawFn, name: str, names: list[str], regions: list[str]) -> dict[str, Any]:
    failure = draw(st.sampled_from(FAILURES))
    wanted = draw(st.sampled_from(regions))
    product = "WSA" if failure == "web gateway" else draw(st.sampled_from(["ESA", "ESA", "ESA", "SMA"]))
    generation = draw(st.integers(1, 4))
    version = TOO_OLD.get(product, VERSIONS[generation]) if failure == "too old" else VERSIONS[generation]
    initial = draw(_initial(name, names, wanted, product, generation))
    variables: dict[str, Any] = {}
    if draw(st.integers(0, 7)) == 0:
        variables["esa_ctr_module_name"] = f"Mail of {name}"
    if draw(st.integers(0, 7)) == 0:
        variables["esa_ctr_request_timeframe_days"] = 60
    # Set per host, not for the play: whether the appliance may move, and the comment of its commits.
    if draw(st.integers(0, 7)) == 0:
        variables["esa_ctr_commit_comment"] = f"change of {name}"
    if draw(st.integers(0, 7)) == 0:
        variables["esa_ctr_allow_region_change"] = draw(st.booleans())
    return {
        "entry": {
            "name": name,
            "product": product,
            "generation": generation,
            "version": version,
            "region": wanted,
            "initial": initial,
            "dialect": draw(st.sampled_from(DIALECTS)),
        },
        "vars": variables,
        "failure": failure,
        # Only if the run does not write to the appliance, because the order of two hosts is not defined.
        "twin": initial["enabled"]
        and initial.get("asks_for_token", True)
        and not initial["registered"]
        and initial["region"] == wanted
        and failure is None
        and draw(st.integers(0, 5)) == 0,
    }


@st.composite
def _initial(
    draw: st.DrawFn, name: str, names: list[str], wanted: str, product: str, generation: int
) -> dict[str, Any]:
    offered = [region for region in REGIONS if generation > 1 or region != "apjc"]
    if product != "WSA" and wanted in offered and draw(st.integers(0, 4)) == 0:
        return {"enabled": True, "region": wanted, "registered": True, "module": True, "records": []}
    others = [region for region in offered if region != wanted]
    right = wanted in offered and draw(st.integers(0, 5)) > 0
    service = draw(st.sampled_from(SERVICES))
    initial: dict[str, Any] = {
        "enabled": service != "off",
        "region": wanted if right else draw(st.sampled_from(others)),
        "registered": service == "registered",
        "asks_for_token": service != "uncommitted",
        "registration_failed": service == "failed",
        "pending": draw(st.integers(0, 11)) == 0,
    }
    if service == "registered":
        initial["device"] = draw(
            st.sampled_from([None] * 9 + ["absent", "unregistered", draw(st.sampled_from(REGIONS))])
        )
    elif service == "off" and draw(st.booleans()):
        initial["region"] = None
    initial["records"] = draw(_records(name, wanted, product, spare=service == "registered"))
    if product != "WSA":
        initial["modules"] = draw(_modules(name, names, initial))
    return initial


@st.composite
def _records(draw: st.DrawFn, name: str, wanted: str, product: str, spare: bool) -> list[dict[str, Any]]:
    """Draw records with the appliance's name, in its region and in others, and sometimes an orphaned record."""
    records = []
    count = draw(st.sampled_from([0] * 9 + [1] if spare else [0, 0, 0, 0, 1, 1, 1, 2]))
    for _record in range(count):
        status = draw(
            st.sampled_from(["Pending", "Pending", "Unregistered", "Unregistered", "Registered", "Suspended"])
        )
        record = {
            "region": draw(st.sampled_from([wanted, wanted, *REGIONS])),
            "name": draw(st.sampled_from([name, name, name, name.upper()])),
            "status": status,
        }
        if status != "Pending":
            record["type"] = product
        records.append(record)
    if draw(st.integers(0, 11)) == 0:
        kind = draw(st.sampled_from(["ESA", "SMA", "WSA", None]))
        orphan = {
            "region": wanted,
            "name": f"gone-{name}",
            "status": draw(st.sampled_from(["Registered", "Unregistered"])),
        }
        records.append({**orphan, "type": kind} if kind else {**orphan, "status": "Pending"})
    return records


@st.composite
def _modules(draw: st.DrawFn, name: str, names: list[str], initial: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw modules of the appliance's own device, of one of those records, or of a deleted device."""
    places = [(record["region"], "record") for record in initial["records"]]
    places += [(initial["region"], "own")] * 7 if initial["registered"] else []
    modules = []
    for _module in range(draw(st.sampled_from([0, 1, 1, 1, 1, 1, 1, 2] if places else [0, 0, 0, 1]))):
        region, device = draw(st.sampled_from([*places, (draw(st.sampled_from(REGIONS)), "gone")]))
        modules.append(
            {
                "region": region,
                "device": device,
                "name": draw(
                    st.sampled_from([name] * 9 + [f"Mail of {name}", f"Old {name}", draw(st.sampled_from(names))])
                ),
                "days": draw(st.sampled_from([30] * 6 + [60, 7])),
                "enabled": draw(st.integers(0, 9)) > 0,
            }
        )
    return modules


def numbered(fleet: Fleet, number: int) -> Fleet:
    """Return the fleet with its number in all names, so that many fleets fit into one inventory."""
    return json.loads(json.dumps(fleet).replace("FLEET", f"f{number:04d}"))


def calm(fleet: Fleet) -> Fleet:
    """Return the fleet without unreadable appliances, because no orphan is proven while an appliance cannot be read."""
    unread = ("closed port", "wrong password", "too old", "web gateway")
    return [one for one in fleet if one["failure"] not in unread]


def fleet_file(fleets: Iterable[Fleet], settings: dict[str, Any]) -> dict[str, Any]:
    return {"settings": settings, "appliances": [one["entry"] for fleet in fleets for one in fleet]}
