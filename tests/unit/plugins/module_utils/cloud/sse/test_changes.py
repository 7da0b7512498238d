# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes between two readings of the devices of a region."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.changes import changes
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device

GOOD = Device("1", "esa1.example.com", "Registered", "ESA", "14.0.0-698")
PENDING = replace(GOOD, status="Pending", type=None, version=None)
GONE = replace(GOOD, status="Unregistered")
FIELDS = {"id": "1", "name": "esa1.example.com", "type": "ESA", "version": "14.0.0-698"}


def kinds(before: list[Device], after: list[Device]) -> list[str]:
    return [one.kind.value for one in changes("europe", {device.id: device for device in before}, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], []),
        ([GOOD], [GOOD], []),
        ([], [PENDING], ["new"]),
        ([], [GOOD], ["new", "registered"]),
        ([PENDING], [GOOD], ["registered"]),
        ([GOOD], [GONE], ["dropped_off"]),
        ([GOOD], [replace(GOOD, version="15.0.0-104")], ["version_changed"]),
        ([GOOD], [replace(GOOD, version=None)], []),
        ([GOOD], [replace(GOOD, name="other")], []),
        ([GOOD], [], ["removed"]),
        ([GOOD], [replace(GOOD, id="2")], ["new", "registered", "removed"]),
    ],
)
def test_kinds_of_changes(before: list[Device], after: list[Device], expected: list[str]) -> None:
    assert kinds(before, after) == expected


UNSAFE = [
    "all",
    "ALL",
    "ungrouped",
    "localhost",
    "{{ lookup('pipe', 'id') }}",
    "!esa1",
    "a,b",
    "a:b",
    "*",
    "~e.*",
    "a b",
]
UNSAFE += ["", "-x", "x" * 300, "a\nb", "esa1\n"]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_that_is_no_safe_host_pattern_is_no_host(name: str) -> None:
    (change,) = changes("europe", {"1": replace(GOOD, name=name)}, [])
    event = change.event()
    assert (event["host"], event["previous"]["name"], event["device"]) == (None, name, None)


def test_an_event() -> None:
    (change,) = changes("europe", {"1": GOOD}, [GONE])
    assert change.event() == {
        "type": "dropped_off",
        "region": "europe",
        "host": "esa1.example.com",
        "device": {**FIELDS, "status": "Unregistered"},
        "previous": {**FIELDS, "status": "Registered"},
    }


DEVICES = st.lists(
    st.builds(Device, st.sampled_from("1234"), st.just("n"), st.sampled_from(["Registered", "Pending"])),
    unique_by=lambda device: device.id,
)


@given(DEVICES, DEVICES)
def test_a_device_has_a_change_exactly_if_it_differs(before: list[Device], after: list[Device]) -> None:
    old, new = ({device.id: device for device in some} for some in (before, after))
    changed = {device.id for one in changes("europe", old, after) for device in (one.before, one.after) if device}
    assert changed == {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
