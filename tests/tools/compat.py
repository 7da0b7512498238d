# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the life of a fleet on each release of ansible-core with each Python that is installed, and print a table.

Each pair has its own virtual environment in .cache/compat, with only ansible-core and the requirements of the collection.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.integration.support.ansible import Ansible, Run  # noqa: E402
from tests.integration.support.lab import FLEETS, Lab, running_lab, writes  # noqa: E402
from tests.tools.environments import CACHE, environment  # noqa: E402

PYTHONS = {
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
"""The Pythons of a controller by release, from the support matrix of ansible-core."""
DEPRECATIONS = {"ANSIBLE_DEPRECATION_WARNINGS": "true", "ANSIBLE_FORCE_COLOR": "false"}
STORY = {
    "report": ["emailsec.ctr.drift_report"],
    "check": ["emailsec.ctr.onboard", "--check", "--diff"],
    "onboard": ["emailsec.ctr.onboard", "--diff"],
    "rerun": ["emailsec.ctr.onboard"],
    "rollout": ["emailsec.ctr.rollout", "-e", "esa_ctr_wave_regions=together"],
    "diagnose": ["emailsec.ctr.diagnose"],
    "remove": ["emailsec.ctr.remove"],
}
WITHOUT_WRITES = ("report", "check", "rerun", "rollout", "diagnose")
# The linters and the compiler are the same for each release; these tests depend on ansible-core.
SANITY = ("validate-modules", "import", "compile", "ansible-doc")


@dataclass
class Result:
    """The result of one pair: exit codes of the runs, warnings, and what is wrong."""

    core: str
    python: str
    version: str = ""
    codes: list[int] = field(default_factory=list)
    warnings: int = 0
    deprecations: int = 0
    sanity: str = "-"
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def installed(version: str) -> str | None:
    """Return a working interpreter of this version: on PATH, or of pyenv."""
    candidates = [shutil.which(f"python{version}")]
    candidates += map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True))
    for candidate in filter(None, candidates):
        probe = [candidate, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return candidate
    return None


def programs_of(core: str, python: str, interpreter: str) -> Path:
    """Install a pair, and return the folder of its programs."""
    # pip serves ansible-test, which installs the requirements of its own environments.
    requirements = ROOT / "requirements.txt"
    packages = [f"ansible-core~={core}.0", "pip", "-r", str(requirements)]
    return environment(CACHE / "compat" / f"{core}-{python}", packages, requirements.read_text(), interpreter)


def tell_story(result: Result, programs: Path, folder: Path) -> None:
    """Run the story on the demo fleet, and keep what is wrong."""
    with running_lab(FLEETS / "demo.yml", folder / "lab") as lab:
        ansible = Ansible(folder / "ansible", lab, programs)
        for name, arguments in STORY.items():
            seen = len(lab.calls())
            run = ansible.playbook(*arguments, environment=DEPRECATIONS, seconds=600)
            _judge(result, name, run, lab, seen)


def _judge(result: Result, name: str, run: Run, lab: Lab, seen: int) -> None:
    result.codes.append(run.rc)
    result.warnings += len(re.findall(r"\[WARNING\]", run.output))
    result.deprecations += len(re.findall(r"\[DEPRECATION WARNING\]", run.output))
    if run.rc or run.bad_hosts() or "Traceback" in run.output:
        result.problems.append(f"{name}: exit code {run.rc}, failed {sorted(run.bad_hosts())}\n{run.output[-3000:]}")
    if name in WITHOUT_WRITES and writes(lab.calls()[seen:]):
        result.problems.append(f"{name}: has written")


def run_sanity(result: Result, programs: Path) -> None:
    only = [part for test in SANITY for part in ("--test", test)]
    command = [str(programs / "python"), str(ROOT / "tests" / "tools" / "sanity.py"), *only]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    result.sanity = "passed" if done.returncode == 0 else "FAILED"
    if done.returncode:
        result.problems.append(f"sanity\n{done.stdout[-3000:]}")


def table(results: list[Result]) -> str:
    lines = [
        "| ansible-core | Python | exit codes | warnings | deprecations | sanity | seconds |",
        "|---|---|---|---:|---:|---|---:|",
    ]
    for one in results:
        codes = " ".join(map(str, one.codes)) or "not installed here"
        lines.append(
            f"| {one.version or one.core} | {one.python} | {codes} | {one.warnings} | {one.deprecations} | {one.sanity} | {one.seconds:.0f} |"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make compat", description=__doc__)
    parser.add_argument("--core", nargs="+", choices=list(PYTHONS), default=list(PYTHONS))
    parser.add_argument("--without-sanity", action="store_true", help="only run the playbooks")
    options = parser.parse_args()
    results = []
    for core in options.core:
        for python in PYTHONS[core]:
            result = Result(core, python)
            results.append(result)
            interpreter = installed(python)
            if interpreter is None:
                print(f"compat: SKIPPED ansible-core {core} with Python {python}, which is not installed", flush=True)
                continue
            start = time.monotonic()
            programs = programs_of(core, python, interpreter)
            show = [str(programs / "python"), "-c", "import ansible.release; print(ansible.release.__version__)"]
            result.version = subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()
            with tempfile.TemporaryDirectory(prefix="emailsec-ctr-compat-") as folder:
                tell_story(result, programs, Path(folder))
            if not options.without_sanity:
                run_sanity(result, programs)
            result.seconds = time.monotonic() - start
            state = "ok" if not result.problems else "FAILED"
            print(
                f"compat: ansible-core {result.version}, Python {python}: {state}, {result.seconds:.0f} s", flush=True
            )
            for problem in result.problems:
                print(f"  {problem}", flush=True)
    print(f"\nThe runs: {', '.join(STORY)}.\n\n{table(results)}")
    return 1 if any(one.problems for one in results) or not any(one.codes for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
