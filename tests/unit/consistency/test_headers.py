# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every file has a header with copyright and license."""

from __future__ import annotations

import subprocess

import pytest

from tests.unit.consistency.support import ROOT

# The license itself, and generated files.
EXCEPTIONS = {"LICENSE", "CHANGELOG.md", "changelogs/changelog.yaml"}
# Formats that cannot hold a comment, and files that Ansible Vault encrypted.
WITHOUT_COMMENTS = (".json", ".png", "/vault.yml")
HEADER = (
    "Copyright (c) 2026, the emailsec.ctr contributors",
    "GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "SPDX-License-Identifier: GPL-3.0-or-later",
)


def files() -> list[str]:
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in out.split("\0") if name and (ROOT / name).is_file())


def lacks_header(content: str) -> list[str]:
    """Return the lines of the header that are missing near the top."""
    top = "\n".join(content.splitlines()[:8])
    return [line for line in HEADER if line not in top]


def test_every_file_has_the_header() -> None:
    names = files()
    assert len(names) > 20, "git lists too few files, so this test would prove nothing"
    faulty = {}
    for name in names:
        if name in EXCEPTIONS or name.endswith(WITHOUT_COMMENTS):
            continue
        content = (ROOT / name).read_text(encoding="utf-8")
        # Ansible requires some __init__.py to be empty.
        if content and lacks_header(content):
            faulty[name] = lacks_header(content)
    assert faulty == {}


@pytest.mark.parametrize("content", ["print(1)\n", "\n" * 9 + "\n".join(HEADER), HEADER[2]])
def test_a_missing_header_is_found(content: str) -> None:
    assert lacks_header(content)
