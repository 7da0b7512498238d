# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A profile moves paths; the table of calls keeps its own."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import (
    OPERATIONS,
    PATHS,
    largest_page,
    path_on_the_wire,
    scope_of,
)
from tests.samples.profiles import applied

MOVED = Profile(paths={"devices": "/v2/devices"}, pages={"devices": 50})


def test_every_call_begins_with_a_path_of_the_table() -> None:
    assert [one.path for one in OPERATIONS if not one.path.startswith(tuple(PATHS.values()))] == []


@pytest.mark.parametrize(
    ("path", "wire"),
    [
        ("/iroh/iroh-sse/device", "/v2/devices"),
        ("/iroh/iroh-sse/device/1/token", "/v2/devices/1/token"),
        ("/iroh/iroh-sse/devices", "/iroh/iroh-sse/devices"),
        ("/iroh/iroh-int/module-type", "/iroh/iroh-int/module-type"),
    ],
)
def test_a_profile_moves_a_path_and_what_is_below_it(path: str, wire: str) -> None:
    with applied(MOVED):
        assert path_on_the_wire(path) == wire
        assert scope_of("GET", wire)[0] == scope_of("GET", path)[0]
    assert path_on_the_wire(path) == path


def test_a_profile_limits_the_page_of_a_list() -> None:
    with applied(MOVED):
        assert largest_page(PATHS["devices"]) == 50
        assert largest_page(PATHS["module_types"]) is None
