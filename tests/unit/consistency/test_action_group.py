# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action group contains exactly the modules whose documentation names it."""

from __future__ import annotations

from typing import Any

from tests.unit.consistency.support import COLLECTION, NAMED_PLUGINS, documentation, plugins_in, yaml_of

GROUP = "cloud"


def declared_members() -> set[str]:
    """Return the modules whose documentation names the group in its attribute C(action_group)."""
    members = set()
    for name, plugin in documentation()["module"].items():
        attribute: dict[str, Any] = plugin["doc"].get("attributes", {}).get("action_group", {})
        membership = attribute.get("membership") or []
        if f"{COLLECTION}.{GROUP}" in ([membership] if isinstance(membership, str) else membership):
            members.add(name)
    return members


def test_action_group_and_documentation_agree() -> None:
    group = yaml_of("meta/runtime.yml")["action_groups"][GROUP]
    assert set(group) == declared_members()


def test_every_module_that_logs_in_to_the_cloud_is_in_the_group() -> None:
    """Users set the shared options, above all the credentials, with module_defaults."""
    group = set(yaml_of("meta/runtime.yml")["action_groups"][GROUP])
    modules = documentation()["module"]
    log_in = {name for name, plugin in modules.items() if "client_id" in plugin["doc"].get("options", {})}
    assert log_in == group


def test_the_group_is_sorted_and_has_no_duplicate() -> None:
    for name, group in yaml_of("meta/runtime.yml")["action_groups"].items():
        assert group == sorted(set(group)), name


def test_every_module_has_documentation() -> None:
    assert set(documentation()["module"]) == set(plugins_in("modules")) != set()


def test_the_documentation_of_every_plugin_can_be_read() -> None:
    faulty = [name for kind in NAMED_PLUGINS for name, it in documentation().get(kind, {}).items() if "doc" not in it]
    assert faulty == []
