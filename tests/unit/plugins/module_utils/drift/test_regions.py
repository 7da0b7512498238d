# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of a region: readings, surplus records and modules, and remaining calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.plugins.module_utils.fleet.picture import (
    Box,
    Picture,
    api_down,
    checks,
    device,
    module,
    no_scope,
    onboarded,
    unreachable,
    verdicts,
)


def region_of(picture: Picture, name: str = "europe") -> dict[str, Any]:
    return picture.report()["regions"][name]


def europe(devices: list[Any] = [], modules: list[Any] = [], **more: Any) -> dict[str, Any]:  # noqa: B006
    """Return the row of the region, with these records and modules in addition to those of the appliance."""
    picture = onboarded("a")
    picture.devices["europe"] += devices
    picture.modules["europe"] += modules
    for name, value in more.items():
        setattr(picture, name, value)
    return region_of(picture)


def test_a_region_without_drift() -> None:
    row = europe()
    assert row["verdict"] == "ok"
    assert (row["label"], row["portal_url"]) == ("EUROPE", "https://admin.eu.sse.itd.cisco.com")
    assert row["quota"] == {"limit": 8000, "remaining": 7990}
    assert {code: (check["found"], check["reason"]) for code, check in checks(row).items()} == {
        "devices_read": (True, "1 device"),
        "orphans": (0, ""),
        "duplicates": (0, ""),
        "modules_read": (True, "1 module"),
        "module_types": ("ESA: Email Security Appliance, SMA: SMA Email", ""),
        "stray_modules": (0, ""),
        "shared_devices": (0, ""),
        "quota": (7990, ""),
    }


def test_only_regions_that_appliances_use_in_their_order() -> None:
    boxes = [Box("a", region="apjc"), Box("b", region="americas")]
    assert list(Picture(boxes).report()["regions"]) == ["americas", "apjc"]


def test_orphaned_records() -> None:
    strangers = [device("x", "Unregistered"), device("y"), device("w", type="WSA"), device("n", "Pending")]
    orphans = checks(europe(strangers))["orphans"]
    assert (orphans["verdict"], orphans["found"], orphans["step"]) == ("drift", 3, None)
    assert "x.example.com (id-x-unregistered, Unregistered)" in orphans["reason"]
    assert "w.example.com" not in orphans["reason"], "no email appliance"
    assert "a run with esa_ctr_prune: true deletes 2 SSE records; 1 more: check it" in orphans["reason"]
    pruned = checks(europe(strangers, prune=True))["orphans"]
    assert pruned["step"] == "2 SSE records deleted"
    assert "1 more: check it in the portal" in pruned["reason"]


def test_an_unread_appliance_prevents_removals() -> None:
    picture = onboarded("a")
    picture.boxes.append(Box("b", trouble=unreachable("b")))
    picture.devices["europe"].append(device("x"))
    picture.prune = True
    orphans = checks(region_of(picture))["orphans"]
    assert (orphans["verdict"], orphans["step"]) == ("drift", None)
    assert "nothing is removed: b was neither read" in orphans["reason"]


def test_duplicate_names() -> None:
    twice = [device("a", "Unregistered")]
    row = europe(twice)
    assert checks(row)["duplicates"]["found"] == 1
    assert (
        "a.example.com (id-a-unregistered, Unregistered); a run with esa_ctr_prune"
        in checks(row)["duplicates"]["reason"]
    )
    assert checks(europe(twice, prune=True))["duplicates"]["step"] == "1 SSE record deleted"


def test_modules_without_a_device() -> None:
    strays = [module("Old", "vanished"), module("None", None), module("a", "vanished")]
    picture = onboarded("a")
    picture.modules["europe"] = [*strays, module("b", "id-a-registered")]
    found = checks(region_of(picture))["stray_modules"]
    assert (found["verdict"], found["step"]) == ("drift", None)
    assert "Old (module-Old-vanished)" in found["reason"]
    assert "a run with esa_ctr_prune: true deletes 1 CTR module; 1 more: check it in the portal" in found["reason"]
    assert found["found"] == 2, "the one of a name that an appliance wants gets its device back"
    picture.prune = True
    pruned = checks(region_of(picture))["stray_modules"]
    assert pruned["step"] == "1 CTR module deleted"
    assert "1 more: check it" in pruned["reason"], "whether a device that no id names is gone is not known"


def test_devices_with_several_modules() -> None:
    shared = checks(europe(modules=[module("Second", "id-a-registered")]))["shared_devices"]
    assert (shared["verdict"], shared["found"], shared["step"]) == ("drift", 1, None)
    assert "a.example.com: a and Second; a run does not remove them" in shared["reason"]


def test_more_than_ten_names_are_counted() -> None:
    many = checks(europe([device(f"x{number}", "Unregistered") for number in range(12)]))["orphans"]
    assert many["found"] == 12
    assert "and 2 more" in many["reason"] and "x11." not in many["reason"]


def test_products_in_use_and_their_types() -> None:
    picture = onboarded("a")
    picture.boxes.append(Box("s", product="SMA", enabled=False, server=None, registration="unavailable"))
    assert checks(region_of(picture))["module_types"]["wanted"] == "ESA, SMA"
    gone = europe(types={"europe": ("sma",)})
    assert (verdicts(gone)["modules_read"], verdicts(gone)["module_types"]) == ("refused", "refused")
    assert "EUROPE: no module type with the title" in checks(gone)["modules_read"]["reason"]


@pytest.mark.parametrize(
    "quota, verdict, said",
    [
        ({"limit": 8000, "remaining": 100}, "ok", ""),
        ({"limit": 8000, "remaining": 99}, "drift", "nearly used up"),
        ({"limit": 8000, "remaining": 0}, "drift", "nearly used up"),
        ({"limit": None, "remaining": None}, "ok", "not reported by the API"),
    ],
)
def test_remaining_calls(quota: dict[str, Any], verdict: str, said: str) -> None:
    row = europe(quota={"europe": quota})
    check = checks(row)["quota"]
    assert (check["verdict"], check["found"]) == (verdict, quota["remaining"])
    assert said in check["reason"]
    assert row["quota"] == (quota if quota["limit"] else None)


def test_an_unreachable_region_has_one_reason_and_is_unknown() -> None:
    row = europe(devices_error={"europe": api_down("europe")})
    assert row["verdict"] == "unknown"
    assert set(verdicts(row).values()) == {"unknown"}
    assert checks(row)["devices_read"]["found"] is False
    assert "cannot connect" in checks(row)["devices_read"]["reason"]
    assert "cannot connect" in checks(row)["quota"]["reason"]
    assert row["quota"] is None


def test_devices_are_known_if_modules_cannot_be_read() -> None:
    row = europe([device("x")], modules_error={"europe": api_down("europe")})
    got = verdicts(row)
    assert (got["devices_read"], got["orphans"], got["quota"]) == ("ok", "drift", "ok")
    assert {got[code] for code in ("modules_read", "module_types", "stray_modules", "shared_devices")} == {"unknown"}


def test_modules_are_known_without_the_scope_for_devices() -> None:
    row = europe(manual=True, devices_error={"europe": no_scope()})
    got = verdicts(row)
    assert (got["devices_read"], got["modules_read"], got["stray_modules"]) == ("unknown", "ok", "unknown")
    assert checks(row)["stray_modules"]["reason"] == "the devices could not be read"


def test_a_failed_region_does_not_affect_the_others() -> None:
    picture = onboarded("a")
    picture.boxes.append(replace(picture.boxes[0], host="b", region="americas"))
    picture.devices_error["americas"] = api_down("americas")
    report = picture.report()
    assert {name: row["verdict"] for name, row in report["regions"].items()} == {"americas": "unknown", "europe": "ok"}
    assert report["appliances"]["a"]["verdict"] == "ok"
