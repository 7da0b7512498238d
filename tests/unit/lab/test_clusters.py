# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters: modes and their prompts, commands restricted to machine mode, and members that are not in sync."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.lab.fleet import read_fleet
from tests.lab.fleet_fields import FleetError
from tests.lab.lab import Lab
from tests.unit.lab.clients import Person, caller_of, person_at, until, with_lab, writes

ONE, TWO, THREE = (f"esa{number}.example.com" for number in (1, 2, 3))
BOXES = [{"name": name, "region": "europe"} for name in (ONE, TWO, THREE)]
AT_CLUSTER = "(Cluster Lab One)> "


def machine(name: str) -> str:
    """Return the prompt of machine mode."""
    return f"(Machine {name})> "


def with_cluster(story: Any, boxes: Any = None, settings: Any = None, **cluster: Any) -> None:
    """Run this story against a cluster of three."""
    cluster = {"name": "Lab One", "members": [ONE, TWO, THREE], **cluster}
    with_lab(story, *(boxes or BOXES), clusters=[cluster], **(settings or {}))


@pytest.mark.parametrize(
    ("login_level", "prompt"),
    [("machine", machine(ONE)), ("group", "(Group Main_Group)> "), ("cluster", AT_CLUSTER)],
)
def test_clustermode_changes_the_mode_and_the_prompt(login_level: str, prompt: str) -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            assert person.screen == ""
            await person.says("", prompt)
            await person.says("clustermode cluster", AT_CLUSTER)
            await person.says(f"clustermode machine {TWO.upper()}", machine(TWO))
            await person.says("clustermode group main_group", "(Group Main_Group)> ")
            assert "Not a valid group: other" in await person.says("clustermode group other", "(Group Main_Group)> ")
            await person.says("CLUSTERMODE MACHINE esa1.example.com", machine(ONE))
            assert "Not a valid machine: esa9" in await person.says("clustermode machine esa9", machine(ONE))
            for words in ("", " machine", " nonsense"):
                seen = await person.says("clustermode" + words, machine(ONE))
                assert "Invalid arguments when processing: clustermode" in seen
        async with person_at(lab, TWO) as person:
            pass

    with_cluster(story, login_level=login_level)


def test_clusterconfig_shows_the_members_and_their_status() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            seen = await person.says("clusterconfig list", machine(ONE))
            assert "Cluster Lab One" in seen
            assert all(f"Machine {name} (Serial #: " in seen for name in (ONE, TWO, THREE))
            seen = await person.says("clusterconfig connstatus", machine(ONE))
            assert f"Machine {TWO} (disconnected)" in seen
            assert f"Machine {THREE} (not resynchronized)" in seen
            assert "Invalid arguments" in await person.says("clusterconfig", machine(ONE))
        state = lab.state()
        assert state["clusters"]["Lab One"]["disconnected"] == [TWO]
        assert [state["appliances"][name]["cluster"] for name in (ONE, TWO)] == ["Lab One", "Lab One"]
        assert [state["appliances"][name]["cluster_status"] for name in (ONE, TWO, THREE)] == [
            "connected",
            "disconnected",
            "not_resynchronized",
        ]

    with_cluster(story, disconnected=[TWO], not_resynchronized=[THREE])


async def switch(person: Person, command: str = "cloudserviceconfig") -> str:
    """Answer Yes to the offer to switch to machine mode."""
    seen = await person.says(command, "[Y]> ")
    assert "command is restricted" in seen
    assert 'Would you like to switch to "Machine" mode? [Y]> ' in seen
    return await person.says("", "]> ")


@pytest.mark.parametrize("level", ["cluster", "group"])
def test_a_restricted_command_switches_to_machine_mode_and_back(level: str) -> None:
    async def story(lab: Lab) -> None:
        prompt = AT_CLUSTER if level == "cluster" else "(Group Main_Group)> "
        async with person_at(lab, TWO) as person:
            await person.says("cloudserviceconfig", "[Y]> ")
            await person.says("n", prompt)
            seen = await switch(person)
            assert f"Choose a machine.\r\n1. {ONE}\r\n2. {TWO}\r\n3. {THREE}\r\n[2]> " in seen
            assert "not valid" in await person.says("7", "[2]> ")
            assert "currently disabled" in await person.says("", "[]> ")
            await person.says("", prompt)
            assert "currently disabled" not in await switch(person)
            await person.says("", "[]> ")
            person.types("\x03")
            await person.sees(prompt)
            await switch(person)
            seen = await person.says("1", prompt)
            assert "only on the machine that you are logged in to" in seen
        assert writes(lab) == []

    with_cluster(story, login_level=level)


def test_the_mode_may_stay_and_the_machine_may_be_chosen_without_a_question() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            assert "currently disabled" in await switch(person)
            await person.says("", machine(ONE))
            await person.says("", machine(ONE))

    with_cluster(story, login_level="cluster", choose_machine=False, mode_after_switch="stays")


def test_threatresponseconfig_is_restricted_too() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            assert "Choose a machine." in await switch(person, "threatresponseconfig")
            assert "currently disabled" in await person.says("", "[]> ")

    boxes = [{**box, "generation": 1} for box in BOXES]
    with_cluster(story, boxes, login_level="cluster")


def test_another_machine_cannot_be_registered() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud, person_at(lab, ONE) as person:
            await person.says(f"clustermode machine {TWO}", machine(TWO))
            seen = await person.says("cloudserviceconfig", machine(TWO))
            assert "only on the machine that you are logged in to" in seen
            await person.says(f"clustermode machine {ONE}", machine(ONE))
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("register", "[]> ")
            device = await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "new"})
            await person.says(device["token"], machine(ONE))
            await until(lambda: lab.appliances[ONE].appliance.registered)
            assert not lab.appliances[TWO].appliance.registered

    boxes = [{**box, "initial": {"enabled": True, "region": "europe"}} for box in BOXES]
    with_cluster(story, boxes)


def test_members_that_are_not_in_sync_refuse_commands() -> None:
    async def story(lab: Lab) -> None:
        resynchronized = f"Machine {THREE} is not yet resynchronized with the cluster after upgrading."
        async with person_at(lab, ONE) as person:
            seen = await person.says(f"clustermode machine {TWO}", AT_CLUSTER)
            assert f"Machine {TWO} is currently disconnected." in seen
            assert resynchronized in await person.says(f"clustermode machine {THREE}", AT_CLUSTER)
            await switch(person)
            assert "is currently disconnected" in await person.says("2", AT_CLUSTER)
        prompt = f"(Machine {TWO}) [Disconnected]> "
        async with person_at(lab, TWO) as person:
            await person.says("", prompt)
            assert "is currently disconnected" in await person.says("clustermode cluster", prompt)
            assert "is currently disconnected" in await person.says("cloudserviceconfig", prompt)
            assert "Model" in await person.says("version", prompt)
        async with person_at(lab, THREE) as person:
            await person.says("", AT_CLUSTER)
            assert resynchronized in await person.says("clustermode cluster", AT_CLUSTER)
            await person.says(f"clustermode machine {THREE}", machine(THREE))
            assert resynchronized in await person.says("cloudserviceconfig", machine(THREE))

    with_cluster(story, login_level="cluster", disconnected=[TWO], not_resynchronized=[THREE])


def test_members_that_are_not_in_sync_may_accept_commands() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, TWO) as person:
            await person.says("cloudserviceconfig", "[]> ")

    with_cluster(story, disconnected=[TWO], out_of_step_refuses=False)


def test_a_prompt_of_its_own_overrides_the_login_level() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            await person.says("", "(Group Main_Group)> ")

    boxes = [{**BOXES[0], "dialect": {"prompt": "group"}}, *BOXES[1:]]
    with_cluster(story, boxes, login_level="cluster")


def test_two_members_can_commit_at_the_same_time() -> None:
    async def enable(lab: Lab, name: str, number: str) -> None:
        async with person_at(lab, name) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("enable", "[]> ")
            await person.says(number, "[]> ")
            await person.says("", machine(name))
            await person.says("commit", "[]> ")
            await person.says("", "[Y]> ")
            assert "Changes committed" in await person.says("", machine(name))

    async def story(lab: Lab) -> None:
        await asyncio.gather(enable(lab, ONE, "2"), enable(lab, TWO, "1"), enable(lab, THREE, "2"))
        boxes = lab.state()["appliances"]
        assert [boxes[name]["region"] for name in (ONE, TWO, THREE)] == ["europe", "americas", "europe"]
        assert all(boxes[name]["enabled"] for name in (ONE, TWO, THREE))

    with_cluster(story, settings={"commit_seconds": 0.2})


def test_a_reset_cancels_a_slow_commit() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            await person.says("cloudserviceconfig", "[]> ")
            await person.says("enable", "[]> ")
            await person.says("1", "[]> ")
            await person.says("", machine(ONE))
            await person.says("commit", "[]> ")
            await person.says("", "[Y]> ")
            person.types("\n")
            await until(lambda: ("commit", "") in writes(lab))
            lab.reset()
            await asyncio.sleep(0.3)
        assert not lab.state()["appliances"][ONE]["enabled"]

    with_cluster(story, settings={"commit_seconds": 0.1})


def test_a_standalone_machine_has_no_cluster_commands() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, ONE) as person:
            assert "Unknown command" in await person.says("clustermode cluster", f"{ONE}> ")
        assert lab.state()["clusters"] == {}
        assert lab.state()["appliances"][ONE]["cluster"] is None

    with_lab(story, BOXES[0])


@pytest.mark.parametrize(
    ("clusters", "where", "field"),
    [
        ({}, "", "clusters"),
        ([{"members": ["a"]}], "cluster 1", "name"),
        ([{"name": "a)", "members": ["a"]}], "cluster 1", "name"),
        ([{"name": "c"}], "cluster 1", "members"),
        ([{"name": "c", "members": ["x"]}], "cluster 1", "members"),
        ([{"name": "c", "members": ["sma"]}], "cluster 1", "members"),
        ([{"name": "c", "members": ["a", "a"]}], "clusters", "members"),
        ([{"name": "c", "members": ["a"]}, {"name": "c", "members": ["b"]}], "clusters", "name"),
        ([{"name": "c", "members": ["a"]}, {"name": "d", "members": ["a"]}], "clusters", "members"),
        ([{"name": "c", "members": ["a"], "login_level": "root"}], "cluster 1", "login_level"),
        ([{"name": "c", "members": ["a"], "disconnected": ["b"]}], "cluster 1", "disconnected"),
        ([{"name": "c", "members": ["a"], "colour": "red"}], "cluster 1", "colour"),
    ],
)
def test_errors_in_the_fleet_file_are_named(clusters: Any, where: str, field: str) -> None:
    appliances = [{"name": "a"}, {"name": "b"}, {"name": "sma", "product": "SMA"}]
    with pytest.raises(FleetError) as caught:
        read_fleet("bad.yml", {"appliances": appliances, "clusters": clusters})
    assert (caught.value.where, caught.value.field) == (where, field)
