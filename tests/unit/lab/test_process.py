# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as a process: its files, `ready`, SIGTERM, and an invalid fleet file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import asyncssh
import pytest
import yaml

import tests.lab

ROOT = Path(tests.lab.__file__).parents[2]
FLEETS = Path(tests.lab.__file__).parent / "fleets"


def start(fleet: Path, run_dir: Path) -> subprocess.Popen[str]:
    """Start the lab and wait until it is ready."""
    command = [sys.executable, "-m", "tests.lab", "serve", "--fleet", str(fleet), "--run-dir", str(run_dir)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_writes_its_files_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    run_dir = tmp_path / "run"
    process = start(FLEETS / "demo.yml", run_dir)
    try:
        assert mode(run_dir) == 0o700
        assert mode(run_dir / "inventory.yml") == mode(run_dir / "lab.json") == 0o600
        description = json.loads((run_dir / "lab.json").read_text())
        inventory = yaml.safe_load((run_dir / "inventory.yml").read_text())["all"]
        appliances = inventory["children"]["appliances"]
        assert appliances["vars"]["ansible_connection"] == "emailsec.ctr.asyncos"
        assert appliances["vars"]["ansible_asyncos_known_hosts"] == str(run_dir / "known_hosts")
        assert len(appliances["hosts"]) == 8
        assert set(appliances["children"]) == {"esa", "sma", "region_americas", "region_europe", "region_apjc"}
        assert appliances["children"]["region_europe"]["vars"] == {"esa_ctr_region": "europe"}
        for region, held in inventory["vars"]["esa_ctr_regions"].items():
            assert held.pop("ca_path") == str(run_dir / "ca.pem")
            assert held == description["regions"][region]
        with urllib.request.urlopen(description["control"] + "/state") as response:
            assert len(json.load(response)["appliances"]) == 8
        port = appliances["hosts"]["esa1.example.com"]["ansible_port"]
        assert "Model: C100V" in asyncio.run(version(port, appliances["vars"]["ansible_password"], run_dir))
    finally:
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


async def version(port: int, password: str, run_dir: Path) -> str:
    """Return the output of `version`, using only the files of the run directory."""
    async with asyncssh.connect(
        "127.0.0.1",
        port,
        username="admin",
        password=password,
        known_hosts=str(run_dir / "known_hosts"),
        client_keys=None,
        config=None,
    ) as connection:
        return str((await connection.run("version")).stdout)


def mode(path: Path) -> int:
    """Return the permission bits of this file."""
    return stat.S_IMODE(os.stat(path).st_mode)


def test_secret_files_are_created_anew_with_the_right_mode(tmp_path: Path) -> None:
    for name in ("inventory.yml", "lab.json"):
        (tmp_path / name).write_text("old")
        (tmp_path / name).chmod(0o644)
    process = start(FLEETS / "small.yml", tmp_path)
    process.terminate()
    process.communicate(timeout=30)
    assert mode(tmp_path / "inventory.yml") == mode(tmp_path / "lab.json") == 0o600


def test_an_invalid_fleet_file_ends_the_process_with_a_message(tmp_path: Path) -> None:
    fleet = tmp_path / "bad.yml"
    fleet.write_text("appliances: [{name: a.example.com, generation: 9}]")
    command = [sys.executable, "-m", "tests.lab", "serve", "--fleet", str(fleet), "--run-dir", str(tmp_path / "run")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert str(fleet) in result.stderr
    assert "appliance a.example.com: generation: " in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "run").exists()
