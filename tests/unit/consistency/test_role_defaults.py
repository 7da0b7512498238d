# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The defaults of a role agree with its argument_specs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.consistency.support import ROOT, yaml_of

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())


def options_of(role: str) -> dict[str, dict[str, Any]]:
    """Return the options of every entry point of a role."""
    options: dict[str, dict[str, Any]] = {}
    for entry in yaml_of(f"roles/{role}/meta/argument_specs.yml")["argument_specs"].values():
        options.update(entry.get("options") or {})
    return options


def differences(defaults: dict[str, Any], options: dict[str, dict[str, Any]]) -> list[str]:
    faults = [f"{name}: in defaults, not in argument_specs" for name in defaults.keys() - options.keys()]
    for name, option in options.items():
        if name not in defaults:
            if option.get("default") is not None:
                faults.append(f"{name}: has a default in argument_specs, none in defaults")
        elif option.get("required"):
            faults.append(f"{name}: required, but has a default")
        elif option.get("default") != defaults[name]:
            faults.append(f"{name}: {option.get('default')!r} in argument_specs, {defaults[name]!r} in defaults")
    return sorted(faults)


def test_the_role_is_found() -> None:
    assert "esa_ctr_integration" in ROLES


@pytest.mark.parametrize("role", ROLES)
def test_defaults_and_argument_specs_agree(role: str) -> None:
    assert differences(yaml_of(f"roles/{role}/defaults/main.yml") or {}, options_of(role)) == []


@pytest.mark.parametrize("role", ROLES)
def test_entry_points_agree_with_each_other(role: str) -> None:
    """A variable has the same definition in every entry point."""
    seen: dict[str, tuple[Any, ...]] = {}
    for entry in yaml_of(f"roles/{role}/meta/argument_specs.yml")["argument_specs"].values():
        for name, option in (entry.get("options") or {}).items():
            facts = (option.get("type", "str"), option.get("default"), option.get("choices"))
            assert seen.setdefault(name, facts) == facts, name


@pytest.mark.parametrize("role", ROLES)
def test_variables_begin_with_the_name_of_the_role(role: str) -> None:
    assert [name for name in options_of(role) if not name.startswith(("esa_ctr_", f"{role}_"))] == []


@pytest.mark.parametrize(
    ("defaults", "options"),
    [
        ({"a": 1}, {}),
        ({}, {"a": {"default": 1}}),
        ({"a": 1}, {"a": {"default": 2}}),
        ({"a": 1}, {"a": {}}),
        ({"a": None}, {"a": {"required": True}}),
    ],
)
def test_a_difference_is_found(defaults: dict[str, Any], options: dict[str, Any]) -> None:
    assert differences(defaults, options)
