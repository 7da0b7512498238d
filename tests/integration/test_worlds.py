# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of other words: a run stops before any write, and the proposal of a probe makes every playbook go through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import Lab, running_lab

WORLDS = Path(__file__).parents[1] / "lab" / "fleets" / "worlds"
QUESTIONS = '{"esa_ctr_probe_questions": ["register"]}'
QUICK = '{"esa_ctr_verify_timeout": 20, "esa_ctr_verify_interval": 0.2}'
EXPECTED = {
    "sse": {"field.sse.id", "field.sse.name", "field.sse.status"},
    "modules": {"title.esa", "title.sma"},
    "texts": {"text.no_changes", "text.enabled", "text.token_question", "text.current_server", "text.unknown_command"},
    "region": {"server.europe"},
}
"""Assumptions that differ in each world, among others."""


class World:
    """A lab of other words, and the runs against it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.ansible = Ansible(folder / "ansible", lab)
        self.probed = self.ansible.folder / "esa-ctr-probe"

    def run(self, playbook: str, *arguments: str) -> tuple[Run, int]:
        """Run a playbook; return the run, and the number of writes."""
        before = len(self.lab.writes())
        run = self.ansible.playbook(f"emailsec.ctr.{playbook}", *arguments)
        return run, len(self.lab.writes()) - before

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.probed / "probe.json").read_text(encoding="utf-8"))
        return found


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with running_lab(WORLDS / f"{request.param}.yml", tmp_path / "lab") as lab:
        yield World(lab, tmp_path)


@pytest.mark.parametrize("world", list(EXPECTED), indirect=True)
def test_the_proposal_of_a_probe_makes_a_world_of_other_words_work(
    world: World, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["world"]
    refused, writes = world.run("onboard")
    assert (refused.rc, writes) == (2, 0)
    assert "emailsec.ctr.probe" in refused.output

    probe, writes = world.run("probe", "--extra-vars", QUESTIONS)
    assert (probe.rc, writes) == (0, 0), probe.output
    differing = {one["id"] for one in world.document()["assumptions"] if one["verdict"] == "differs"}
    assert differing >= EXPECTED[name]
    assert max(region["sent"] for region in world.document()["regions"]) <= 10

    proposed = (world.probed / "profile.yml").rename(world.ansible.folder / "proposed.yml")
    profile = ("--extra-vars", f"esa_ctr_profile={proposed}")
    world.run("probe", *profile, "--extra-vars", QUESTIONS)
    still = {one["id"] for one in world.document()["assumptions"] if one["verdict"] == "differs"}
    assert still <= {"text.asyncos_banner"}, "nothing depends on the banner"
    assert world.document()["profile"] == ["proposed.yml"]

    onboard, writes = world.run("onboard", *profile)
    assert onboard.rc == 0, onboard.output
    assert writes > 0
    again, writes = world.run("onboard", *profile)
    assert (again.rc, writes, again.changes()) == (0, 0, set()), again.output
    drift, writes = world.run("drift_report", *profile, "--extra-vars", "esa_ctr_report_fail_on=drift")
    assert (drift.rc, writes) == (0, 0), drift.output
    assert "Profile: " in drift.output
    verify, _writes = world.run("verify", *profile, "--extra-vars", QUICK, "--limit", "esa2.example.com")
    assert verify.rc == 0, verify.output
    remove, _writes = world.run("remove", *profile)
    assert remove.rc == 0, remove.output
    assert not any(one["registered"] for one in world.lab.state()["appliances"].values())


@pytest.mark.parametrize("world", ["unresolvable"], indirect=True)
def test_words_that_only_a_write_shows_are_said_by_hand(world: World) -> None:
    probe, writes = world.run("probe")
    assert (probe.rc, writes) == (0, 0)
    assert "needs a run that writes" in probe.output
    assert not (world.probed / "profile.yml").exists()

    stopped, _writes = world.run("onboard")
    assert stopped.rc == 2
    assert "Keep the configuration as a restore point?" in stopped.output
    assert "texts of the profile" in stopped.output
    assert not any(one["enabled"] for one in world.lab.state()["appliances"].values())

    said = {
        "texts": {
            "commit_rollback": "Keep the configuration as a restore point",
            "token_question": ["Type the enrollment secret of this machine"],
        }
    }
    profile = world.ansible.write("said.yml", said)
    onboard, _writes = world.run("onboard", "--extra-vars", f"esa_ctr_profile={profile}")
    assert onboard.rc == 0, onboard.output


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ("texts: {no_chnges: All is well}\n", "profile.yml:1: texts.no_chnges is unknown."),
        ("texts:\n  enabled:\n    - '.*'\n", "profile.yml:3: texts.enabled.0 is slow"),
        ("texts:\n  enabled: version\n", "profile.yml:2: texts.enabled matches too much"),
        ("pages: {devices: many}\n", "profile.yml:1: pages.devices has an invalid value"),
    ],
)
@pytest.mark.parametrize("world", ["sse"], indirect=True)
def test_a_wrong_profile_stops_every_run_before_anything_is_read(world: World, profile: str, says: str) -> None:
    path = world.ansible.folder / "profile.yml"
    path.write_text(profile, encoding="utf-8")
    run, _writes = world.run("onboard", "--extra-vars", f"esa_ctr_profile={path}")
    assert run.rc == 2
    assert says in run.output
    assert world.lab.calls() == []


@pytest.mark.parametrize("world", ["sse"], indirect=True)
def test_the_files_to_share_hold_no_data_of_the_lab(world: World) -> None:
    probe, _writes = world.run("probe", "-vvv")
    known = set(_values(world.lab.state())) | set(world.lab.secrets().values())
    for record in (one for region in world.lab.state()["regions"].values() for one in region["devices"]):
        known |= {str(record[key]) for key in ("id", "name", "ipAddress") if record.get(key)}
    words = {"registered", "unregistered", "disabled", "enabled", "europe", "americas", "apjc", "none", "any"}
    known = {value for value in known if len(value) > 3 and value.lower() not in words}
    assert len(known) > 20
    for name in ("probe.json", "probe.md", "probe.html"):
        text = (world.probed / name).read_text(encoding="utf-8").lower()
        assert [value for value in known if value.lower() in text] == [], name
        assert (world.probed / name).stat().st_mode & 0o077 == 0
    assert probe.rc == 0


def _values(state: Any) -> Iterator[str]:
    """Yield host names, ids, addresses and serial numbers of the appliances."""
    for name, box in state["appliances"].items():
        yield name
        yield name.split(".")[0]
        yield from (str(box[key]) for key in ("hostname", "serial", "device_id", "ip_address") if box.get(key))
    for region in state["regions"].values():
        for instance in region["module_instances"]:
            yield str(instance["id"])
            yield str(instance["name"])


def test_a_probe_types_only_lines_that_change_nothing(tmp_path: Path) -> None:
    fleet = yaml.safe_load((WORLDS / "sse.yml").read_text(encoding="utf-8"))
    del fleet["world"]
    with running_lab(fleet, tmp_path / "lab") as lab:
        ansible = Ansible(tmp_path / "ansible", lab)
        assert ansible.playbook("emailsec.ctr.probe", "--extra-vars", QUESTIONS).rc == 0
        typed = {call["line"] for call in lab.calls() if call["kind"] == "cli"}
        sent = {(call["method"], call["path"].split("?")[0]) for call in lab.calls() if call["kind"] == "http"}
        assert lab.writes() == []
    assert typed <= {
        "",
        "^C",
        "version",
        "emailsecctrprobe",
        "showchanges",
        "cloudserviceconfig",
        "ENABLE",
        "SETTRS",
        "REGISTER",
        "exit",
    }
    assert {method for method, path in sent if not path.endswith(("/oauth2/token", "/health"))} == {"GET"}
