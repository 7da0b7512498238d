# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A world of other words: the lab keeps its words, and translates at its edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab.fleet import load_fleet, read_fleet
from tests.lab.fleet_fields import FleetError
from tests.lab.world import TEXTS, RegionWords, World

WORLDS = Path(__file__).parents[2] / "lab" / "fleets" / "worlds"
BOX = {"name": "esa1.example.com"}


@pytest.mark.parametrize("path", sorted(WORLDS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_world_is_a_fleet(path: Path) -> None:
    assert load_fleet(path).world != World()


def test_without_a_world_nothing_changes() -> None:
    world = read_fleet("test", {"appliances": [BOX]}).world
    assert world == World()
    assert world.shown("The Cisco Cloud Service is currently enabled on your appliance.").endswith("your appliance.")
    assert world.sse_answer([{"id": "1"}]) == [{"id": "1"}]
    assert world.sse_request({"name": "a"}) == ({"name": "a"}, "")


def test_texts_keep_what_varies() -> None:
    world = World(texts={"unknown_command": "No such verb: {}", "commit_rollback": "Keep a copy?"})
    assert world.shown("Unknown command or missing feature key: abc") == "No such verb: abc"
    assert world.shown("Do you want to save the current configuration for rollback? [Y]> ") == "Keep a copy? [Y]> "


def test_devices_are_renamed_nested_and_listed() -> None:
    world = World(
        fields={"id": "uuid", "status": "state"}, record_in="data", list_in="items", statuses={"Pending": "New"}
    )
    record = {"id": "1", "status": "Pending", "name": "a"}
    assert world.sse_answer([record]) == {"items": [{"data": {"uuid": "1", "state": "New", "name": "a"}}]}
    assert world.sse_answer(record) == {"data": {"uuid": "1", "state": "New", "name": "a"}}
    assert world.sse_answer({"error": "x", "id": "1"}) == {"error": "x", "id": "1"}


def test_a_request_in_the_words_of_the_lab_is_refused() -> None:
    world = World(fields={"tokenExpiry": "token_expiry"})
    assert world.sse_request({"token_expiry": 60}) == ({"tokenExpiry": 60}, "")
    assert world.sse_request({"tokenExpiry": 60})[1] == "tokenExpiry"


def test_module_types_and_settings() -> None:
    spec = [{"key": "device_id", "type": "device"}, {"key": "days", "type": "integer"}]
    one = {"id": "1", "title": "Old", "default_name": "Old", "former_title": "Older", "configuration_spec": spec}
    world = World(titles={"ESA": "New"}, device_key="ref", days_key="window")
    (shown,) = world.type_answer([one], lambda _id: "ESA")
    assert shown == {
        "id": "1",
        "title": "New",
        "default_name": "New",
        "configuration_spec": [{"key": "ref", "type": "device"}, {"key": "window", "type": "integer"}],
    }
    settings = {"device_id": "d", "days": 30, "other": 1}
    theirs = world.settings(settings, spec, back=False)
    assert theirs == {"ref": "d", "window": 30, "other": 1}
    assert world.settings(theirs, spec, back=True) == settings
    assert world.type_answer([one], lambda _id: None) == [one]


def test_a_region_has_another_name_label_and_server() -> None:
    world = World(regions={"apjc": RegionWords("canada", "CANADA", "api.ca.sse.example.com")})
    assert world.shown("3. APJC (api.apj.sse.itd.cisco.com)") == "3. CANADA (api.ca.sse.example.com)"
    assert (world.region_name("apjc"), world.region_name("europe")) == ("canada", "europe")


@pytest.mark.parametrize(
    ("world", "says"),
    [
        ({"texts": {"registered": "x"}}, "world.texts.registered"),
        ({"sse": {"fields": {"ids": "x"}}}, "world.sse.fields.ids"),
        ({"sse": {"statuses": {"Gone": "x"}}}, "world.sse.statuses.Gone"),
        ({"regions": {"mars": {}}}, "world.regions.mars"),
        ({"words": {}}, "world.words"),
    ],
)
def test_errors_name_the_field(world: Any, says: str) -> None:
    with pytest.raises(FleetError, match=says.replace(".", "\\.")):
        read_fleet("test", {"appliances": [BOX], "world": world})


def test_the_texts_are_those_of_a_grade_below_b() -> None:
    from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import screens

    below = {text_id for text_id, text in screens.TEXTS.items() if text.grade in "CIR"}
    assert set(TEXTS) == below - {"switch_question"}, "the lab asks nothing after ENABLE and DISABLE"
