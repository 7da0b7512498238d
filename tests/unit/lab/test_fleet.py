# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleet files: the three of the lab, generated appliances, and errors with file and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import tests.lab
from tests.lab.fleet import load_fleet, read_fleet
from tests.lab.fleet_fields import FleetError

FLEETS = Path(tests.lab.__file__).parent / "fleets"


def test_the_demo_fleet_has_eight_appliances_of_all_generations() -> None:
    appliances = load_fleet(FLEETS / "demo.yml").appliances
    assert [spec.product for spec in appliances] == ["ESA"] * 6 + ["SMA"] * 2
    assert {spec.generation for spec in appliances} == {1, 2, 3, 4}
    assert {spec.region for spec in appliances} == {"americas", "europe", "apjc"}
    assert [spec.name for spec in appliances if spec.initial.module] == ["esa4.example.com"]
    wrong = [spec for spec in appliances if spec.initial.enabled and spec.initial.region != spec.region]
    assert [spec.initial.registered for spec in wrong] == [False]
    assert all(spec.region != "apjc" for spec in appliances if spec.generation == 1)


def test_the_fleets_many_and_small() -> None:
    many = load_fleet(FLEETS / "many.yml").appliances
    assert len(many) == len({spec.name for spec in many}) == 200
    assert {spec.region for spec in many} == {"americas", "europe", "apjc"}
    assert len(load_fleet(FLEETS / "small.yml").appliances) == 3


def test_generated_appliances_take_the_given_fields() -> None:
    entry = {"count": 2, "name": "x{n}.example.com", "product": "SMA", "region": "apjc", "dialect": {"pager": False}}
    first, second = read_fleet("f.yml", {"generate": entry}).appliances
    assert (first.name, second.hostname) == ("x0001.example.com", "x0002.example.com")
    assert (first.model, first.region, first.dialect.pager) == ("M300V", "apjc", False)


def box(**fields: Any) -> dict[str, Any]:
    """Return a fleet of one appliance with these fields."""
    return {"appliances": [{"name": "a.example.com", **fields}]}


@pytest.mark.parametrize(
    ("content", "where", "field"),
    [
        (box(generation=5), "appliance a.example.com", "generation"),
        (box(generation="3"), "appliance a.example.com", "generation"),
        (box(product="PIX"), "appliance a.example.com", "product"),
        (box(version="14"), "appliance a.example.com", "version"),
        (box(colour="blue"), "appliance a.example.com", "colour"),
        (box(hostname="not a host"), "appliance a.example.com", "hostname"),
        (box(initial={"registered": True}), "appliance a.example.com", "initial.registered"),
        (box(initial={"enabled": 1}), "appliance a.example.com", "initial.enabled"),
        (box(initial={"region": "mars"}), "appliance a.example.com", "initial.region"),
        (box(generation=1, initial={"region": "apjc"}), "appliance a.example.com", "initial.region"),
        (
            box(initial={"enabled": True, "region": "europe", "module": True}),
            "appliance a.example.com",
            "initial.module",
        ),
        (box(dialect={"line_end": "cr"}), "appliance a.example.com", "dialect.line_end"),
        (box(dialect={"servers": ["EUROPE"]}), "appliance a.example.com", "dialect.servers"),
        (box(dialect={"auth": ["none"]}), "appliance a.example.com", "dialect.auth"),
        (box(dialect=[]), "appliance a.example.com", "dialect"),
        (box(dialect={"prompt": "root"}), "appliance a.example.com", "dialect.prompt"),
        (box(product="SMA", dialect={"prompt": "cluster"}), "appliance a.example.com", "dialect.prompt"),
        (box(dialect={"pauses": ["RAID:"]}), "appliance a.example.com", "dialect.pauses"),
        (box(dialect={"menu_order": "random"}), "appliance a.example.com", "dialect.menu_order"),
        (box(dialect={"status_wrap": 5}), "appliance a.example.com", "dialect.status_wrap"),
        (box(dialect={"pager_lines": 2}), "appliance a.example.com", "dialect.pager_lines"),
        (box(dialect={"refusal": "rude"}), "appliance a.example.com", "dialect.refusal"),
        (box(dialect={"unknown_screen_at": "reboot"}), "appliance a.example.com", "dialect.unknown_screen_at"),
        (box(initial={"pending": 1}), "appliance a.example.com", "initial.pending"),
        (box(initial={"records": {}}), "appliance a.example.com", "initial.records"),
        (box(initial={"records": [{"status": "Pending"}]}), "appliance a.example.com", "initial.records.1.region"),
        (box(initial={"records": [{"region": "mars"}]}), "appliance a.example.com", "initial.records.1.region"),
        (box(initial={"records": [{"region": "apjc", "id": "x"}]}), "appliance a.example.com", "initial.records.1.id"),
        (box(initial={"modules": [{"device": "gone"}]}), "appliance a.example.com", "initial.modules.1.region"),
        (box(initial={"modules": [{"region": "apjc"}]}), "appliance a.example.com", "initial.modules.1.device"),
        (
            box(initial={"modules": [{"region": "apjc", "device": "record"}]}),
            "appliance a.example.com",
            "initial.modules.1.device",
        ),
        (
            box(initial={"modules": [{"region": "apjc", "device": "gone", "days": 0}]}),
            "appliance a.example.com",
            "initial.modules.1.days",
        ),
        (
            box(product="WSA", initial={"modules": [{"region": "apjc", "device": "gone"}]}),
            "appliance a.example.com",
            "initial.modules",
        ),
        (box(dialect={"echo": "yes"}), "appliance a.example.com", "dialect.echo"),
        ({"appliances": [{"product": "ESA"}]}, "appliance 1", "name"),
        ({"appliances": ["a"]}, "appliance 1", ""),
        ({"appliances": [{"name": "a"}, {"name": "a"}]}, "appliance a", "name"),
        ({"appliances": {}, "generate": {"region": "apjc"}}, "generate 1", "count"),
        ({"generate": {"count": 2, "name": "same"}}, "generate 1", "name"),
        ({**box(), "settings": {"busy_seconds": -1}}, "settings", "busy_seconds"),
        ({**box(), "settings": {"page_limit": 0}}, "settings", "page_limit"),
        ({**box(), "extra": 1}, "", "extra"),
        ({}, "", "appliances"),
        ([], "", ""),
    ],
)
def test_errors_name_file_place_and_field(content: Any, where: str, field: str) -> None:
    with pytest.raises(FleetError) as caught:
        read_fleet("bad.yml", content)
    assert (caught.value.source, caught.value.where) == ("bad.yml", where)
    assert str(caught.value).startswith("bad.yml: ")
    assert f": {field}" in str(caught.value)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r"none\.yml: cannot be read"):
        load_fleet(tmp_path / "none.yml")
    broken = tmp_path / "broken.yml"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(FleetError, match=r"broken\.yml: is not YAML"):
        load_fleet(broken)
    assert yaml.safe_load((FLEETS / "demo.yml").read_text(encoding="utf-8"))
