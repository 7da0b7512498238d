# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Hostile identities of appliances, and hostile names in the cloud and in variables, in whole plays.

An inventory cannot have a host name with NUL: no file name, argument or variable of the environment can, and Ansible refuses it
in YAML and JSON. A variable can have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab, running_lab, writes
from tests.torture.fuzz.test_names import HARMFUL, SECONDS, WORLDS, assert_files, programs_of_world
from tests.torture.support.hostile_names import EVALUATED, LONG, NUL, hostile_names

PLACES = ("hostname", "model", "version", "serial")
GOOD = "good.example.com"


def identities(names: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return what each appliance shows: every name, and NUL and 10,000 characters, in each place."""
    each: dict[str, dict[str, str]] = {}
    for number, text in enumerate(names.values()):
        each[f"h{number}.example.com"] = {"hostname": text}
        each[f"m{number}.example.com"] = {"model": f"C100V{text}", "serial": text}
        each[f"v{number}.example.com"] = {"version": text}
    for kind, text in (("nul", NUL), ("long", LONG)):
        each |= {f"{kind}-{place}.example.com": {place: text} for place in PLACES}
        each[f"{kind}-after-model.example.com"] = {"model": f"C100V{text}"}
    return {host: {place: text for place, text in shown.items() if text.strip()} for host, shown in each.items()}


def fleet(names: dict[str, str]) -> dict[str, Any]:
    cloud = [{"region": "europe", "name": text} for text in (NUL, LONG)]
    appliances: list[dict[str, Any]] = [
        {"name": host, "region": "europe", "shows": shown} for host, shown in identities(names).items()
    ]
    good = {"enabled": True, "region": "europe", "registered": True, "records": cloud}
    good["modules"] = [{**one, "device": "record"} for one in cloud]
    return {
        "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
        "appliances": [{"name": GOOD, "region": "europe", "initial": good}, *appliances],
    }


class World:
    def __init__(self, lab: Lab, folder: Path, programs: Path | None) -> None:
        self.lab, self.canary = lab, folder / "canary"
        self.ansible = Ansible(folder / "ansible", lab, programs)
        self.names = hostile_names(self.canary)


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    programs = programs_of_world(request.param)
    with running_lab(fleet(hostile_names(tmp_path / "canary")), tmp_path / "lab") as lab:
        yield World(lab, tmp_path, programs)


def test_an_appliance_with_a_hostile_identity_is_understood_or_not_changed(world: World, tally: Any) -> None:
    """Onboard, then report: NUL and 10,000 characters in each place of an appliance, and in names of the cloud."""
    patient = ("-e", "esa_ctr_wait_interval=0.2", "-e", "esa_ctr_wait_timeout=20")
    world.lab.ask(
        "europe", "POST", "/iroh/iroh-sse/device", {"name": "described.example.com", "description": LONG + NUL}
    )
    run = world.ansible.playbook("emailsec.ctr.onboard", "--diff", *patient, seconds=SECONDS)
    assert run.results, run.output
    failed = run.bad_hosts()
    tally.cases(len(run.recap))
    tally.figure("hostile identities", f"{len(run.recap) - len(failed)} onboarded, {len(failed)} refused")
    changed = {call["who"] for call in writes(world.lab.calls()) if call["kind"] == "cli"}
    understood = {
        result.host for result in run.results if result.task.startswith("Register ") and result.status == "ok"
    }
    assert changed <= understood, "an appliance that is not understood is not changed"
    assert GOOD not in failed and understood, run.output
    report = world.ansible.playbook("emailsec.ctr.drift_report", "-v", seconds=SECONDS)
    for one in (run, report):
        assert_harmless(one.output, world)
    assert_files(world.ansible.folder / "esa-ctr-report")


VARIABLES = (
    "esa_ctr_module_name",
    "esa_ctr_region",
    "esa_ctr_verify_recipient",
    "esa_ctr_diagnose_query",
    "ansible_host",
)


def test_a_variable_with_a_hostile_text_is_refused_or_data(world: World, tally: Any) -> None:
    hosts = [f"h{number}.example.com" for number in range(len(VARIABLES))]
    tally.cases(2 * len(hosts))
    for text in (NUL, LONG):
        variables = {host: {variable: text} for host, variable in zip(hosts, VARIABLES, strict=True)}
        inventory = world.ansible.inventory("override.yml", variables)
        for playbook in (["onboard", "--check", "--diff"], ["drift_report", "-v"]):
            run = world.ansible.playbook(
                f"emailsec.ctr.{playbook[0]}", *playbook[1:], "-i", inventory, "--limit", f"{GOOD},{','.join(hosts)}"
            )
            assert_harmless(run.output, world)
    assert writes(world.lab.calls()) == []


def assert_harmless(output: str, world: World) -> None:
    assert "Traceback" not in output and "unexpected error" not in output, output[-5000:]
    assert EVALUATED not in output and not world.canary.exists()
    harmful = sorted({repr(line[:300]) for line in output.splitlines() if HARMFUL.search(line)})
    assert harmful == []
