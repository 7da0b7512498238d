# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test sanity on a clean copy, with its own virtual environments, outside the user's home."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from clean_copy import CACHE, clean_copy

HOME = CACHE / "ansible-test" / "home"

# ansible-test runs this file (its path is in GET_PIP) to get pip into the active virtual environment.
GET_PIP = '''\
"""Install the pip wheel beside this file into the active environment. Replaces get-pip.py."""
import os, subprocess, sys

wheel = os.path.join(os.path.dirname(os.environ["GET_PIP"]), "{wheel}")
sys.exit(subprocess.call([sys.executable, os.path.join(wheel, "pip"), "install", "--no-index", "--no-deps", wheel]))
'''


def wanted_pip() -> str:
    """Return the version of pip that this ansible-test installs."""
    spec = importlib.util.find_spec("ansible_test")
    assert spec and spec.submodule_search_locations
    text = Path(spec.submodule_search_locations[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    match = re.search(r"pip='([0-9.]+)'", text)
    if not match:
        raise SystemExit(
            "sanity: cannot read the pip version of ansible-test. Fix: adapt wanted_pip to its python_requirements.py."
        )
    return match.group(1)


def prepare_pip(cache: Path) -> None:
    """Download pip from the package index, because the host of get-pip.py may be unreachable."""
    version = wanted_pip()
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    wheel = f"pip-{version}-py3-none-any.whl"
    if script.is_file() and (cache / wheel).is_file():
        return
    cache.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        + ["--only-binary=:all:", "--dest", str(cache), f"pip=={version}"],
        check=True,
    )
    script.write_text(GET_PIP.format(wheel=wheel), encoding="utf-8")


def keep_pip_settings(home: Path) -> None:
    """Keep the user's package index for pip."""
    for name in (".config/pip", ".pip", ".netrc"):
        theirs, ours = Path.home() / name, home / name
        if theirs.exists() and not ours.is_symlink():
            ours.parent.mkdir(parents=True, exist_ok=True)
            ours.symlink_to(theirs)


def not_shipped(name: str) -> bool:
    """Return whether a file is a test: these are not shipped, and ruff checks them."""
    return name.startswith("tests/") and name != "tests/config.yml" and not name.startswith("tests/sanity/")


def main() -> int:
    copy = clean_copy("ansible-test", leave_out=not_shipped)
    prepare_pip(HOME / ".ansible" / "test" / "cache")
    keep_pip_settings(HOME)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment["HOME"] = str(HOME)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [str(Path(sys.executable).with_name("ansible-test")), "sanity", "--venv", "--python", python]
    print(f"ansible-test sanity --python {python}", flush=True)
    code = subprocess.run([*command, "--color", "no", *sys.argv[1:]], cwd=copy, env=environment, check=False).returncode
    print("ansible-test sanity: " + ("passed" if code == 0 else f"failed with exit code {code}"))
    return code


if __name__ == "__main__":
    sys.exit(main())
