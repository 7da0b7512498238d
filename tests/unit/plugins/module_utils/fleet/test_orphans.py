# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find orphaned records and duplicate names, and decide which may be removed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    ApiFailure,
    DevicesReading,
    FleetState,
    FoundModule,
    InventoryAppliance,
    Settings,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.orphans import (
    Orphans,
    SurplusRecord,
    find_orphans,
    removable_modules,
)
from tests.unit.plugins.module_utils.fleet.picture import Box, api_down, unreachable


def appliance(host: str, *names: str, module_name: str = "") -> InventoryAppliance:
    return InventoryAppliance(host, (host, *names), module_name or host)


def device(name: str, **changes: Any) -> Device:
    whole = {"id": f"id-{name}", "name": name, "type": "ESA", "status": "Registered", "created": "2026-01-01T00:00:00Z"}
    return Device(**{**whole, **changes})


def state(
    inventory: list[InventoryAppliance],
    devices: dict[str, DevicesReading],
    read: dict[str, str],
    other_hosts: tuple[str, ...] = (),
) -> FleetState:
    """Return a fleet of europe and americas. ``read`` holds the host names of the appliances that were read."""
    readings = {}
    for host, name in read.items():
        found = Box(host).read(False)
        assert found.service is not None
        readings[host] = replace(found, service=replace(found.service, hostname=name))
    unread = {one.host: Box(one.host, trouble=unreachable(one.host)).read(False) for one in inventory}
    settings = Settings({}, ("americas", "europe"), tuple(inventory), other_hosts)
    return FleetState(settings, {**unread, **readings}, devices)


def found(
    inventory: list[InventoryAppliance],
    *devices: Device,
    read: dict[str, str] | None = None,
    other_hosts: tuple[str, ...] = (),
) -> Orphans:
    """Return the surplus records of europe. By default all appliances were read and have their inventory names."""
    names = {one.host: one.host for one in inventory} if read is None else read
    return find_orphans(state(inventory, {"europe": DevicesReading(devices)}, names, other_hosts))["europe"]


def ids(strays: tuple[SurplusRecord, ...]) -> list[str]:
    return [one.device.id for one in strays]


def to_remove(result: Orphans) -> list[str]:
    return [one.id for one in result.removable]


def test_a_record_belongs_to_the_names_and_addresses_of_an_appliance() -> None:
    result = found(
        [appliance("esa1", "192.0.2.7")],
        device("ESA1"),
        device("mail.example.com"),
        device("other", ip_address="192.0.2.7"),
        device("stranger"),
        read={"esa1": "mail.example.com"},
    )
    assert ids(result.orphans) == ["id-stranger"]
    assert to_remove(result) == ["id-stranger"]


def test_records_of_other_hosts_are_not_orphaned() -> None:
    result = found([appliance("esa1")], device("esa1"), device("ESA2"), other_hosts=("esa2",))
    assert result.orphans == ()


@pytest.mark.parametrize(
    ("changes", "listed", "may_go"),
    [
        ({"type": "ESA"}, True, True),
        ({"type": "sma", "status": "Unregistered"}, True, True),
        ({"type": "WSA"}, False, False),
        ({"type": None, "status": "Pending"}, True, False),
        ({"type": "", "status": "Pending"}, True, False),
    ],
)
def test_only_records_of_email_appliances_are_removable(changes: dict[str, Any], listed: bool, may_go: bool) -> None:
    result = found([appliance("esa1")], device("esa1"), device("x", **changes))
    assert (ids(result.orphans) == ["id-x"]) is listed
    assert to_remove(result) == (["id-x"] if may_go else [])


def test_an_unproven_appliance_prevents_removals() -> None:
    inventory = [appliance("esa1"), appliance("esa2")]
    result = found(inventory, device("esa1"), device("x"), read={"esa1": "esa1"})
    assert ids(result.orphans) == ["id-x"]
    assert result.unproven == ("esa2",)
    assert to_remove(result) == []


def test_an_unregistered_record_does_not_prove_an_unread_appliance() -> None:
    inventory = [appliance("esa1"), appliance("esa2")]
    left = device("esa2", status="Unregistered")
    assert to_remove(found(inventory, device("esa1"), left, device("x"), read={"esa1": "esa1"})) == []
    there = device("esa2")
    assert to_remove(found(inventory, device("esa1"), there, device("x"), read={"esa1": "esa1"})) == ["id-x"]


@pytest.mark.parametrize(
    ("records", "kept"),
    [
        ([("old", "Registered", "2026-01-01"), ("new", "Registered", "2026-02-01")], "new"),
        ([("old", "Registered", "2026-01-01"), ("new", "Unregistered", "2026-02-01")], "old"),
        ([("old", "Unregistered", "2026-01-01"), ("new", "Unregistered", "2026-02-01")], "new"),
        ([("one", "Unregistered", "2026-01-01"), ("two", "Unregistered", "2026-01-01")], None),
        ([("one", "Unregistered", None), ("two", "Unregistered", "2026-01-01")], None),
    ],
)
def test_of_duplicate_names_the_registered_or_newest_record_is_kept(
    records: list[tuple[str, str, str]], kept: str | None
) -> None:
    """If this is unknown, all are shown and none is removed."""
    devices = [device("esa1", id=name, status=status, created=created) for name, status, created in records]
    result = found([appliance("esa1")], *devices)
    names = [name for name, _status, _created in records]
    assert ids(result.duplicates) == [name for name in names if name != kept]
    assert to_remove(result) == ([name for name in names if name != kept] if kept else [])


def test_records_of_two_appliances_with_one_host_name_are_kept() -> None:
    devices = [device("mail", id="a", created="2026-01-01"), device("mail", id="b", created="2026-02-01")]
    result = found([appliance("esa1"), appliance("esa2")], *devices, read={"esa1": "mail", "esa2": "mail"})
    assert set(ids(result.duplicates)) == {"a", "b"}
    assert to_remove(result) == []


def test_a_duplicate_that_never_registered_is_kept() -> None:
    devices = [device("esa1", id="a"), device("esa1", id="b", type=None, status="Pending")]
    result = found([appliance("esa1")], *devices)
    assert [(one.device.id, one.removable) for one in result.duplicates] == [("b", False)]


def test_a_duplicate_with_an_unknown_status_is_kept() -> None:
    devices = [device("esa1", id="a"), device("esa1", id="b", status="Enrolled")]
    assert to_remove(found([appliance("esa1")], *devices)) == []


def test_only_read_regions_of_the_play_are_searched() -> None:
    devices = {
        "europe": DevicesReading((device("x"),)),
        "apjc": DevicesReading((device("y"),)),
        "americas": DevicesReading(failure=ApiFailure(str(api_down("americas")))),
    }
    assert list(find_orphans(state([appliance("esa1")], devices, {"esa1": "esa1"}))) == ["europe"]


def test_a_module_without_a_device_is_kept_if_an_appliance_uses_its_name() -> None:
    strays = [
        FoundModule(name, None if name == "No id" else "gone", 30, True, f"m-{name}", "esa")
        for name in ("Wanted", "esa2", "Other", "ESA 3", "No id")
    ]
    inventory = (appliance("esa1"), appliance("esa2"), appliance("esa3", module_name="ESA 3"))
    settings = Settings({"esa1": Wanted("esa1", "europe", "wanted")}, ("europe",), inventory)
    assert removable_modules(strays, settings) == [{"id": "m-Other", "product": "esa"}]
    assert removable_modules((), settings) == []


NAMES = st.sampled_from(["a", "b", "c", "d", "A"])
DEVICES = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "type": st.sampled_from(["ESA", "SMA", "WSA", None, ""]),
            "status": st.sampled_from(["Registered", "Unregistered", "Pending"]),
            "created": st.sampled_from([None, "2026-01-01", "2026-02-01", "2026-03-01"]),
            "ip_address": st.sampled_from([None, "192.0.2.1"]),
        }
    ),
    max_size=8,
).map(lambda devices: [Device(id=f"id-{place}", **one) for place, one in enumerate(devices)])
INVENTORIES = st.lists(st.sampled_from(["a", "b", "e"]), unique=True).map(
    lambda hosts: [appliance(host) for host in hosts]
)


@given(DEVICES, INVENTORIES, st.dictionaries(st.sampled_from(["a", "b", "e"]), NAMES))
def test_no_record_that_may_be_in_use_is_removed(
    devices: list[Device], inventory: list[InventoryAppliance], read: dict[str, str]
) -> None:
    result = found(inventory, *devices, read=read)
    gone = set(to_remove(result))
    used = {name_key(name) for one in inventory for name in [*one.names, read.get(one.host, "")]} - {""}
    by_name: dict[str, list[Device]] = {}
    for one in devices:
        by_name.setdefault(name_key(one.name), []).append(one)
        if one.id in gone:
            assert str(one.type).lower() in ("esa", "sma")
    for name, alike in by_name.items():
        if name in used and any(one.id in gone for one in alike):
            left = [one for one in alike if one.id not in gone]
            assert left, "one of the name is kept"
            if any(one.registered and one.type in ("ESA", "SMA") for one in alike):
                assert any(one.registered for one in left)
    if result.unproven:
        assert gone == set()
