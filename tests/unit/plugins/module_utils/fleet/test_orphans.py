# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records that nobody inventory and names that stand twice: what is shown, and what may be removed."""

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
    Stray,
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
    """A fleet of europe and americas; ``read`` are the appliances that were read, with their host names."""
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
    """What is found in europe; by default all appliances were read, and are called as in the inventory."""
    names = {one.host: one.host for one in inventory} if read is None else read
    return find_orphans(state(inventory, {"europe": DevicesReading(devices)}, names, other_hosts))["europe"]


def ids(strays: tuple[Stray, ...]) -> list[str]:
    return [one.device.id for one in strays]


def to_remove(result: Orphans) -> list[str]:
    return [one.id for one in result.removable]


def test_a_record_is_claimed_by_host_address_and_host_name_of_an_appliance() -> None:
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


def test_appliances_of_other_slices_are_named_by_a_variable() -> None:
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
def test_only_email_appliances_may_go_and_what_never_registered_is_shown(
    changes: dict[str, Any], listed: bool, may_go: bool
) -> None:
    result = found([appliance("esa1")], device("esa1"), device("x", **changes))
    assert (ids(result.orphans) == ["id-x"]) is listed
    assert to_remove(result) == (["id-x"] if may_go else [])


def test_an_appliance_that_was_neither_read_nor_is_registered_by_name_may_own_any_record() -> None:
    inventory = [appliance("esa1"), appliance("esa2")]
    result = found(inventory, device("esa1"), device("x"), read={"esa1": "esa1"})
    assert ids(result.orphans) == ["id-x"]
    assert result.unproven == ("esa2",)
    assert to_remove(result) == []


def test_a_record_of_its_name_that_is_not_registered_does_not_prove_where_an_unread_appliance_is() -> None:
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
def test_of_a_name_that_stands_twice_the_registered_or_else_the_newest_is_kept(
    records: list[tuple[str, str, str]], kept: str | None
) -> None:
    """Where that cannot be told, all are shown and none is removed."""
    devices = [device("esa1", id=name, status=status, created=created) for name, status, created in records]
    result = found([appliance("esa1")], *devices)
    names = [name for name, _status, _created in records]
    assert ids(result.duplicates) == [name for name in names if name != kept]
    assert to_remove(result) == ([name for name in names if name != kept] if kept else [])


def test_of_two_appliances_of_one_host_name_neither_record_is_a_duplicate_to_remove() -> None:
    devices = [device("mail", id="a", created="2026-01-01"), device("mail", id="b", created="2026-02-01")]
    result = found([appliance("esa1"), appliance("esa2")], *devices, read={"esa1": "mail", "esa2": "mail"})
    assert set(ids(result.duplicates)) == {"a", "b"}
    assert to_remove(result) == []


def test_a_duplicate_that_never_registered_is_shown_and_left() -> None:
    devices = [device("esa1", id="a"), device("esa1", id="b", type=None, status="Pending")]
    result = found([appliance("esa1")], *devices)
    assert [(one.device.id, one.removable) for one in result.duplicates] == [("b", False)]


def test_a_duplicate_of_a_status_that_nobody_knows_may_be_in_use_and_is_left() -> None:
    devices = [device("esa1", id="a"), device("esa1", id="b", status="Enrolled")]
    assert to_remove(found([appliance("esa1")], *devices)) == []


def test_regions_outside_the_play_and_regions_that_were_not_read_are_no_part_of_it() -> None:
    devices = {
        "europe": DevicesReading((device("x"),)),
        "apjc": DevicesReading((device("y"),)),
        "americas": DevicesReading(failure=ApiFailure(str(api_down("americas")))),
    }
    assert list(find_orphans(state([appliance("esa1")], devices, {"esa1": "esa1"}))) == ["europe"]


def test_a_module_without_a_device_stays_if_an_appliance_wants_its_name() -> None:
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
def test_whatever_is_there_nothing_that_may_be_in_use_is_removed(
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
