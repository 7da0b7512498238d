# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles come from files, maps and lists; a problem of a file names its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.emailsec.ctr.plugins.plugin_utils._profile_files import LARGEST, load_profile


def load(value: Any) -> tuple[Any, list[str]]:
    profile, faults = load_profile(value, DataLoader())
    return profile, [str(fault) for fault in faults]


@pytest.mark.parametrize("nothing", ["", None, [], {}, [""]])
def test_nothing_is_no_profile(nothing: Any) -> None:
    profile, faults = load(nothing)
    assert (profile.given, faults) == ({}, [])


def test_a_file_a_map_and_a_list(tmp_path: Path) -> None:
    path = tmp_path / "one.yml"
    path.write_text("pages:\n  devices: 100\n", encoding="utf-8")
    profile, faults = load([str(path), {"ports": {"api": 443}}])
    assert faults == []
    assert profile.given == {"pages": {"devices": 100}, "ports": {"api": 443}}
    assert profile.sources == (str(path), "esa_ctr_profile[1]")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pages:\n  devices: 0\n", "one.yml:2: pages.devices has an invalid value"),
        ("texts:\n  enabled:\n    - The cloud link is on\n    - '.*'\n", "one.yml:4: texts.enabled.1 is slow"),
        ("pages: {devices: 1}\npages: {devices: 2}\n", "one.yml:2: has the key pages twice"),
        ("pages: &a {devices: 1}\n", "one.yml:1: has an anchor or alias"),
        ("pages: !!python/object:x {}\n", "one.yml:1: has a tag"),
        ("pages: [\n", "one.yml:2: is not YAML"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "one.yml: is nested too deeply"),
        ("- texts\n", "the profile is not a map"),
    ],
)
def test_problems_of_a_file(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "one.yml"
    path.write_text(text, encoding="utf-8")
    _profile, faults = load(str(path))
    assert any(says in fault for fault in faults), faults


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in load(str(tmp_path / "none.yml"))[1][0]
    assert "the name of one here" in load("unknown")[1][0]
    large = tmp_path / "large.yml"
    large.write_bytes(b"#" * (LARGEST + 1))
    assert "has more than 1,000,000 bytes" in load(str(large))[1][0]
    assert "is neither a file nor a map" in load(5)[1][0]


def test_a_vaulted_file_is_read_through_ansible(tmp_path: Path) -> None:
    loader = DataLoader()
    path = tmp_path / "one.yml"
    path.write_text("pages: {devices: 7}\n", encoding="utf-8")
    asked: list[str] = []
    plain = loader._get_file_contents
    loader._get_file_contents = lambda name: asked.append(name) or plain(name)
    assert load_profile(str(path), loader)[0].pages == {"devices": 7}
    assert asked == [str(path)]
