# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `clusters:` of a fleet file: their members, and the start of sessions on a member."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from tests.lab.fleet_fields import Fields, FleetError

LEVELS = ("machine", "group", "cluster")
LARGEST = 20
"""Members (A)."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*")


@dataclass(frozen=True)
class ClusterSpec:
    """A cluster. Each member has its own registration and cloud service settings (A)."""

    name: str
    members: tuple[str, ...]
    """Names of appliances in the fleet file."""
    login_level: str = "machine"
    """Level at which sessions begin: `machine` (C), `group` (I) or `cluster` (C)."""
    group: str = "Main_Group"
    """Name of the only group, which has all members."""
    disconnected: tuple[str, ...] = ()
    """Disconnected members: their sessions begin in machine mode at any login level (I)."""
    not_resynchronized: tuple[str, ...] = ()
    """Members that are not resynchronized after an upgrade."""
    out_of_step_refuses: bool = True
    """Whether disconnected and not resynchronized members refuse commands of machine mode (I), in addition to changes of
    the mode (texts B)."""
    choose_machine: bool = True
    """Whether the switch to machine mode asks `Choose a machine.` (B: perhaps), or selects the local machine."""
    mode_after_switch: str = "back"
    """Whether a session goes `back` to its mode after a restricted command, or `stays` in machine mode (I, both)."""


def read_clusters(source: str, clusters: object, products: Mapping[str, str]) -> tuple[ClusterSpec, ...]:
    """Return the clusters of this fleet file, given the names and products of its appliances."""
    if clusters is None:
        return ()
    if not isinstance(clusters, list):
        raise FleetError(source, "", "clusters", "must be a list")
    specs = [_read_cluster(source, f"cluster {number}", item, products) for number, item in enumerate(clusters, 1)]
    for what, values in (
        ("name", [spec.name for spec in specs]),
        ("members", [member for spec in specs for member in spec.members]),
    ):
        for value in _repeated(values):
            raise FleetError(source, "clusters", what, f"is used twice: {value}")
    return tuple(specs)


def _read_cluster(source: str, place: str, mapping: object, products: Mapping[str, str]) -> ClusterSpec:
    given = Fields(source, place, mapping, {field.name for field in fields(ClusterSpec)})
    name = given.text("name", None)
    if name is None or not NAME.fullmatch(name):
        given.fail("name", "is required: letters, digits, blanks, dots, dashes and underscores")
    members = given.texts("members", ())
    if not 1 <= len(members) <= LARGEST:
        given.fail("members", f"must name 1 to {LARGEST} appliances")
    for member in members:
        if products.get(member) != "ESA":
            given.fail("members", f"must be ESAs of this fleet file, unlike {member}")
    group = given.text("group", ClusterSpec.group)
    if not NAME.fullmatch(group):
        given.fail("group", "must consist of letters, digits, blanks, dots, dashes and underscores")
    spec = ClusterSpec(
        name=name,
        members=members,
        login_level=given.choice("login_level", ClusterSpec.login_level, LEVELS),
        group=group,
        disconnected=given.texts("disconnected", ()),
        not_resynchronized=given.texts("not_resynchronized", ()),
        out_of_step_refuses=given.flag("out_of_step_refuses", ClusterSpec.out_of_step_refuses),
        choose_machine=given.flag("choose_machine", ClusterSpec.choose_machine),
        mode_after_switch=given.choice("mode_after_switch", ClusterSpec.mode_after_switch, ("back", "stays")),
    )
    for key in ("disconnected", "not_resynchronized"):
        if not set(getattr(spec, key)) <= set(members):
            given.fail(key, "must name members of the cluster")
    return spec


def _repeated(values: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [value for value in values if value in seen or seen.add(value)]
