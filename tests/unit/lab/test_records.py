# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Additional records and modules that the fleet file puts into the clouds."""

from __future__ import annotations

from typing import Any

from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab

NAME = "a.example.com"


def held(lab: Lab, region: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the records of a region, and its modules with the names of their devices."""
    part = lab.state()["regions"][region]
    names = {device["id"]: device["name"] for device in part["devices"]}
    devices = [(device["name"], device["status"], device.get("type")) for device in part["devices"]]
    modules = []
    for module in part["module_instances"]:
        [days] = [value for value in module["settings"].values() if isinstance(value, int)]
        [device_id] = [value for value in module["settings"].values() if isinstance(value, str)]
        modules.append((module["name"], days, module["enabled"], names.get(device_id)))
    return sorted(devices, key=str), modules


def test_additional_records_and_modules_of_a_registered_appliance() -> None:
    async def story(lab: Lab) -> None:
        for _again in range(2):
            devices, modules = held(lab, "europe")
            assert devices == [(NAME, "Pending", None), (NAME, "Registered", "ESA")]
            assert modules == [("Mail", 7, False, NAME), ("Old", 30, True, None)]
            assert held(lab, "apjc") == (
                [("other.example.com", "Unregistered", "SMA")],
                [(NAME, 30, True, "other.example.com")],
            )
            lab.reset()

    initial = {
        "enabled": True,
        "region": "europe",
        "registered": True,
        "records": [
            {"region": "europe"},
            {"region": "apjc", "name": "other.example.com", "status": "Unregistered", "type": "SMA"},
        ],
        "modules": [
            {"name": "Mail", "days": 7, "enabled": False},
            {"name": "Old", "device": "gone"},
            {"region": "apjc", "device": "record"},
        ],
    }
    with_lab(story, {"name": NAME, "initial": initial})


def test_additional_records_of_an_appliance_that_never_registered() -> None:
    async def story(lab: Lab) -> None:
        assert held(lab, "americas") == ([(NAME, "Registered", "ESA")], [])
        assert lab.state()["appliances"][NAME]["device_id"] is None

    record = {"region": "americas", "status": "Registered", "type": "ESA"}
    with_lab(story, {"name": NAME, "initial": {"records": [record]}})
