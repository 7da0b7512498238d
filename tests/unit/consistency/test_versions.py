# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version and the changelog are the same everywhere."""

from __future__ import annotations

import re

from packaging.version import Version

from tests.unit.consistency.support import NAMED_PLUGINS, ROOT, documentation, text_of, yaml_of


def newest_in_changelog() -> str:
    return max(yaml_of("changelogs/changelog.yaml")["releases"], key=Version)


def test_the_version_is_the_newest_of_the_changelog() -> None:
    assert yaml_of("galaxy.yml")["version"] == newest_in_changelog()


def test_the_changelog_page_begins_with_that_version() -> None:
    headings = re.findall(r"^## v(\S+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0].replace("\\", "") == newest_in_changelog()


def test_the_changelog_lists_every_plugin_in_its_first_release() -> None:
    """If this fails, run C(make changelog)."""
    listed = {
        (release, kind, plugin["name"])
        for release, content in yaml_of("changelogs/changelog.yaml")["releases"].items()
        for kind, plugins in {"module": content.get("modules", []), **content.get("plugins", {})}.items()
        for plugin in plugins
    }
    present = {
        (plugin.get("doc", {}).get("version_added"), kind, name)
        for kind in NAMED_PLUGINS
        for name, plugin in documentation().get(kind, {}).items()
    }
    assert {entry for entry in listed if entry[1] in NAMED_PLUGINS} == present != set()


def test_every_fragment_is_in_a_release() -> None:
    """If this fails, run C(make changelog)."""
    taken = [
        name for release in yaml_of("changelogs/changelog.yaml")["releases"].values() for name in release["fragments"]
    ]
    waiting = [path.name for path in (ROOT / "changelogs" / "fragments").iterdir() if path.name not in taken]
    assert waiting == []
