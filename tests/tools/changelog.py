# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the changelog of the version in galaxy.yml from its fragments and the plugins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = ROOT / "changelogs" / "changelog.yaml"


def main() -> int:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    command = [str(Path(sys.executable).with_name("antsibull-changelog")), "release", "--reload-plugins"]
    if CHANGELOG.is_file():
        content = yaml.safe_load(CHANGELOG.read_text(encoding="utf-8"))
        # antsibull-changelog does not update an existing release, so it is removed and rebuilt. The date stays.
        entry = content["releases"].pop(version, None)
        if entry:
            command += ["--date", str(entry["release_date"])]
            if content["releases"]:
                CHANGELOG.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
            else:
                CHANGELOG.unlink()
    return subprocess.run([*command, "--cummulative-release"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
