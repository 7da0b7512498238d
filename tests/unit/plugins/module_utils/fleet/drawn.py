# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random fleets, drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from tests.unit.plugins.module_utils.fleet.picture import (
    AMERICAS,
    EUROPE,
    Box,
    Picture,
    api_down,
    device,
    module,
    no_scope,
    unreachable,
    unreadable,
)

STATES: tuple[dict[str, Any], ...] = (
    {"enabled": False, "server": None, "registration": "unavailable"},
    {"server": EUROPE, "registration": "unregistered"},
    {"server": AMERICAS, "registration": "registered"},
    {"server": EUROPE, "registration": "registered"},
    {"server": None, "registration": "registered"},
    {"server": None, "registration": "unregistered"},
    {"server": EUROPE, "registration": "failed"},
    {"server": EUROPE, "registration": "unavailable"},
    {"server": None, "registration": "in_progress"},
)
TROUBLES = (None,) * 9 + (unreachable("x"), unreadable("x"))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Draw up to four appliances in any state, with any records and modules in three regions."""
    hosts = ["a", "b", "c", "d"][: draw(st.integers(1, 4))]
    boxes = [
        Box(
            host,
            region=draw(st.sampled_from(["europe", "europe", "americas"])),
            pending=draw(st.sampled_from([False, False, False, True, None])),
            days=draw(st.sampled_from([30, 60])),
            trouble=draw(st.sampled_from(TROUBLES)),
            **draw(st.sampled_from(STATES)),
        )
        for host in hosts
    ]
    picture = Picture(boxes, allow_move=draw(st.booleans()), prune=draw(st.booleans()))
    for region in KNOWN_REGIONS:
        statuses = st.sampled_from(["Registered", "Registered", "Pending", "Unregistered", "Suspended"])
        names = st.sampled_from([*hosts, *hosts, "gone"])
        pairs = draw(st.lists(st.tuples(names, statuses), max_size=4, unique=True))
        picture.devices[region] = [device(*pair) for pair in pairs]
        ids = [held["id"] for held in picture.devices[region]]
        picture.modules[region] = [
            {**module(name, device_id, days, enabled), "id": f"module-{place}"}
            for place, (name, device_id, days, enabled) in enumerate(
                draw(
                    st.lists(
                        st.tuples(names, st.sampled_from([*ids, "vanished", None]), st.just(30), st.booleans()),
                        max_size=4,
                    )
                )
            )
        ]
        picture.quota[region] = {"limit": 8000, "remaining": draw(st.sampled_from([7990, 20, None]))}
    return picture


@st.composite
def troubled_pictures(draw: st.DrawFn) -> Picture:
    """Draw the same, some with an unread region or with tokens from the portal."""
    picture = draw(pictures())
    picture.manual = draw(st.booleans())
    for errors in (picture.devices_error, picture.modules_error):
        region = draw(st.none() | st.sampled_from(list(KNOWN_REGIONS)))
        if region:
            errors[region] = draw(st.sampled_from([api_down(region), no_scope()]))
    return picture
