# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection from a clean copy, and check the tarball like an importer and a user."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import yaml
from clean_copy import CACHE, ROOT, clean_copy

BIN = Path(sys.executable).parent

REQUIRED = {
    "CHANGELOG.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "changelogs/changelog.yaml",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "requirements.txt",
}
UNWANTED = re.compile(
    r"(^|/)(\.[^/]*|__pycache__|.*\.pyc|.*\.pem|.*\.key|id_(rsa|ed25519|ecdsa)[^/]*)(/|$)"
    r"|^(tests|dist|build|esa-ctr-report|extensions/molecule|Makefile|pyproject\.toml)(/|$)"
)
SECRET = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}")


def run(*command: str, cwd: Path, **variables: str) -> str:
    """Run a command that must succeed, and return its output."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        print(result.stdout)
        raise SystemExit(f"build: failed: {' '.join(command)} ended with exit code {result.returncode}")
    return result.stdout


RELATIVE_LINK = re.compile(r"(!?)\[([^]]*)\]\((?!https?://|#)([^)]*)\)")


def with_full_links(text: str, repository: str) -> str:
    """Return the README for Galaxy and Automation Hub, which show it without the other files of the repository."""

    def full(link: re.Match[str]) -> str:
        mark, shown, path = link.groups()
        kind = "raw" if mark else "blob"
        return f"{mark}[{shown}]({repository}/{kind}/main/{path})"

    return RELATIVE_LINK.sub(full, text)


def build() -> Path:
    """Build into dist/ and return the tarball."""
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    copy = clean_copy("build")
    repository = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    readme = copy / "README.md"
    readme.write_text(with_full_links(readme.read_text(encoding="utf-8"), repository), encoding="utf-8")
    run(
        str(BIN / "ansible-galaxy"),
        "collection",
        "build",
        "--force",
        "--output-path",
        str(dist),
        cwd=copy,
    )
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    return dist / f"emailsec-ctr-{version}.tar.gz"


def faults_of_content(tarball: Path) -> list[str]:
    """Return missing and unwanted files of the tarball."""
    with tarfile.open(tarball) as archive:
        members = {member.name: member for member in archive.getmembers()}
        faults = [f"missing from the tarball: {name}" for name in sorted(REQUIRED - members.keys())]
        for name, member in sorted(members.items()):
            if UNWANTED.search(name):
                faults.append(f"must not be in the tarball: {name}")
            elif member.isfile():
                content = archive.extractfile(member)
                data = content.read() if content else b""
                if SECRET.search(data):
                    faults.append(f"contains a private key: {name}")
                if name == "README.md":
                    links = RELATIVE_LINK.findall(data.decode("utf-8"))
                    faults += [f"relative link in README.md: {path}" for _mark, _shown, path in links]
    return faults


def faults_of_installation(tarball: Path, folder: Path) -> list[str]:
    """Return problems of the installed collection: requirements, documentation, syntax."""
    collections = folder / "collections"
    # Without --force, ansible-galaxy takes the checkout in .venv for the installed collection.
    install = (str(BIN / "ansible-galaxy"), "collection", "install", "--force", "--offline", "--no-deps")
    run(*install, "-p", str(collections), str(tarball), cwd=folder)

    faults = []
    found = yaml.safe_load(run(str(BIN / "ansible-builder"), "introspect", str(collections), cwd=folder))
    names = {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in (found.get("python") or [])}
    if names != {"asyncssh", "requests"}:
        faults.append(f"ansible-builder finds these Python requirements: {sorted(names)}")

    environment = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    installed = collections / "ansible_collections" / "emailsec" / "ctr"
    modules = sorted(file.stem for file in (installed / "plugins" / "modules").glob("[a-z]*.py"))
    if modules:
        names_of_modules = [f"emailsec.ctr.{name}" for name in modules]
        shown = json.loads(run(str(BIN / "ansible-doc"), "--json", *names_of_modules, cwd=folder, **environment))
        faults += [f"no documentation after installation: {name}" for name in names_of_modules if name not in shown]
        faults += [
            f"documentation comes from {value['doc']['filename']}, not from the installed copy"
            for value in shown.values()
            if not value["doc"]["filename"].startswith(str(installed))
        ]
    else:
        faults.append("the installed collection has no modules")
    for file in installed.glob("plugins/**/*.py"):
        ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    return faults


def faults_of_import(tarball: Path, folder: Path) -> list[str]:
    """Return the warnings of galaxy-importer, whose exit code is always 0."""
    config = folder / "galaxy-importer.cfg"
    config.write_text(
        "[galaxy-importer]\n"
        "RUN_ANSIBLE_TEST = False\n"  # make sanity does that
        "RUN_ANSIBLE_LINT = False\n"  # make lint does that
        "RUN_FLAKE8 = False\n"  # make lint does that, with ruff
        "CHECK_REQUIRED_TAGS = True\n"
        "CHECK_CHANGELOG = True\n",
        encoding="utf-8",
    )
    importer = (sys.executable, "-m", "galaxy_importer.main", str(tarball))
    output = run(*importer, cwd=folder, GALAXY_IMPORTER_CONFIG=str(config))
    return [f"galaxy-importer: {line}" for line in output.splitlines() if re.match(r"(WARNING|ERROR|CRITICAL)\b", line)]


def main() -> int:
    tarball = build()
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        faults = faults_of_content(tarball)
        faults += faults_of_installation(tarball, Path(temporary))
        faults += faults_of_import(tarball, Path(temporary))
    for fault in faults:
        print(fault)
    if faults:
        print(f"build: failed, problems: {len(faults)}")
        return 1
    print(f"build: passed; dist/{tarball.name} ({tarball.stat().st_size // 1024} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
