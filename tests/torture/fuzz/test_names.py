# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile names from inventory, appliance and cloud: nothing is evaluated, every file parses, and no terminal is controlled."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import urllib.error
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.files import render, save
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import SOURCES
from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import Lab, running_lab
from tests.samples import drift
from tests.tools.compat import installed, programs_of
from tests.torture.support.hostile_names import EVALUATED, LONG, NUL, hostile_names

OLD = ("2.17", "3.11")
REGISTERED = {"enabled": True, "region": "europe", "registered": True, "module": "a2.example.com"}
HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Characters that control a terminal, which are in no file. Other characters of names are data."""
FORMATS = ("json", "html", "csv", "md", "junit", "prom")
FILES = {"drift.json", "drift.html", "drift.csv", "drift.md", "drift.junit.xml", "drift.prom"}
SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="(\\\\|\\"|\\n|[^"\\\n])*",?)*\})? [0-9.e+-]+')
SECONDS = 300


def fleet(texts: list[str]) -> dict[str, Any]:
    """Return a fleet whose appliances show hostile texts where an administrator or an attacker can set them."""
    motd = "\n".join(HARMFUL.sub("", text) for text in texts)
    return {
        "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
        "appliances": [
            {"name": "a1.example.com", "region": "europe", "model": "C100V{{ 373 * 702 - 9 }}<b>"},
            {"name": "a2.example.com", "region": "europe", "initial": REGISTERED, "dialect": {"login_message": motd}},
            {"name": "a3.example.com", "region": "americas", "model": 'C100V=1+1","'},
        ],
    }


class World:
    """A lab full of hostile names, and Ansible with an inventory that has some too."""

    def __init__(self, lab: Lab, folder: Path, programs: Path | None) -> None:
        self.lab, self.canary = lab, folder / "canary"
        self.ansible = Ansible(folder / "ansible", lab, programs)
        self.names = hostile_names(self.canary)
        self.refused: list[str] = []
        self._fill_cloud()
        names = dict(self.names)
        if programs:
            # Old releases evaluate the name of a host from an inventory script, which they trust.
            names = {kind: name for kind, name in names.items() if "Jinja" not in kind}
        plain = [name for name in names.values() if not HARMFUL.search(name) and "\n" not in name]
        self._inventories = {
            "plain": self._inventory(folder / "plain", plain),
            "all": self._inventory(folder / "all", list(names.values())),
        }

    def _fill_cloud(self) -> None:
        (kind, device) = next(
            (one["module_type_id"], one["settings"]) for one in self.lab.instances("europe") if one["settings"]
        )
        for name in self.names.values():
            with self._noted(name):
                self.lab.ask("europe", "POST", "/iroh/iroh-sse/device", {"name": name, "description": name})
            with self._noted(name):
                instance = {"name": name, "module_type_id": kind, "visibility": "org", "settings": device}
                self.lab.ask("europe", "POST", "/iroh/iroh-int/module-instance", instance)
        for name in [*self.names.values(), NUL, LONG]:
            more = {"error": name, "error_description": name, "trace_id": name}
            self.lab.fault("error", region="americas", status=400, path="/iroh/iroh-sse/device", **more)

    @contextlib.contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        try:
            yield
        except urllib.error.HTTPError:
            self.refused.append(name)

    def _inventory(self, path: Path, names: list[str]) -> str:
        """Return an inventory whose hosts have these names. Nothing answers at their address.

        It is a script: other formats expand or refuse some of these names.
        """
        where: dict[str, Any] = {"ansible_host": "127.0.0.1", "ansible_port": 1}
        hosts = {name: {**where, "esa_ctr_module_name": f"module {number}"} for number, name in enumerate(names)}
        listed = {"region_europe": {"hosts": names}, "_meta": {"hostvars": hosts}}
        path.with_suffix(".json").write_text(json.dumps(listed), encoding="utf-8")
        path.write_text(f"#!/bin/sh\ncat {path}.json\n", encoding="utf-8")
        path.chmod(0o700)
        return str(path)

    def run(self, playbook: str, *arguments: str, hosts: str = "plain") -> Run:
        return self.ansible.playbook(playbook, "-i", self._inventories[hosts], *arguments, seconds=SECONDS)


WORLDS = [pytest.param(None, id="own"), pytest.param(OLD, id="-".join(OLD))]
"""The ansible-core of these tests, and the oldest one."""


def programs_of_world(world: tuple[str, str] | None) -> Any:
    """Return the programs of this ansible-core and Python, None for those of these tests. Skip if Python is not installed."""
    if world is None:
        return None
    core, python = world
    interpreter = installed(python)
    if interpreter is None:
        pytest.skip(f"Python {python} for ansible-core {core} is not installed")
    return programs_of(core, python, interpreter)


@pytest.fixture(scope="module", params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    programs = programs_of_world(request.param)
    folder = tmp_path_factory.mktemp("hostile")
    with running_lab(fleet(list(hostile_names(folder / "canary").values())), folder / "lab") as lab:
        yield World(lab, folder, programs)


RUNS = {
    "onboard": ("emailsec.ctr.onboard", "--check", "--diff"),
    "drift": ("emailsec.ctr.drift_report", "-v"),
    "diagnose": ("emailsec.ctr.diagnose",),
    "remove": ("emailsec.ctr.remove", "--check"),
}


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_evaluated_and_every_file_parses(name: str, world: World, tally: Any) -> None:
    writes = len(world.lab.writes())
    run = world.run(*RUNS[name])
    tally.cases(len(world.names))
    assert run.results, run.output
    assert "Failed to parse" not in run.output, run.output
    assert "Traceback" not in run.output, run.output
    assert "unexpected error" not in run.output, run.output
    assert EVALUATED not in run.output
    assert not world.canary.exists()
    harmful = sorted({repr(line) for line in run.output.splitlines() if HARMFUL.search(line)})
    assert harmful == []
    assert len(world.lab.writes()) == writes
    report = world.ansible.folder / "esa-ctr-report"
    if name == "drift":
        assert {path.name for path in report.iterdir()} >= FILES
    if report.exists():
        assert_files(report)
    assert_no_other_files(world.ansible.folder)


def test_host_names_with_control_characters_harm_no_file(world: World, tally: Any) -> None:
    """Ansible itself writes the names of hosts to the terminal as they are."""
    run = world.run("emailsec.ctr.drift_report", hosts="all")
    tally.cases(len(world.names))
    assert "Traceback" not in run.output and EVALUATED not in run.output, run.output
    assert not world.canary.exists()
    assert_files(world.ansible.folder / "esa-ctr-report")


@pytest.mark.parametrize(
    "text", [NUL, LONG, "".join(hostile_names(Path("/canary")).values())], ids=["NUL", "long", "all"]
)
def test_any_text_in_any_place_of_a_report_harms_no_file(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tally: Any
) -> None:
    texts = [text, *hostile_names(tmp_path / "canary").values()]
    tally.cases(len(texts))
    for first in range(len(texts)):
        turned = [*texts[first:], *texts[:first]]
        monkeypatch.setattr(drift, "HOSTILE", turned[:8])
        document = drift.build(drift.hostile_rows())
        save(str(tmp_path), document, render(document, FORMATS, os.path.join(ROOT, SOURCES)), 3)
        assert_files(tmp_path)
    assert not (tmp_path / "canary").exists()


def assert_files(folder: Path) -> None:
    """Assert that a strict parser accepts every file, and that no text was evaluated or would be."""
    for path in folder.iterdir():
        if path.is_dir():
            continue
        text = path.read_bytes().decode()
        assert EVALUATED not in text, path
        if path.name.endswith(".json"):
            json.loads(text)
            continue
        assert not CONTROLS.search(text.replace("\r\n", "\n")), path
        _CHECKS[path.suffix](text)


def _check_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert [cell for row in rows for cell in row if cell.lstrip()[:1] in ("=", "+", "-", "@") and len(cell) > 1] == []


def _check_html(text: str) -> None:
    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag != "img" and not any(name.startswith("on") for name, _value in attributes), tag

    Tags().feed(text)
    assert text.count("</script") == text.count("<script")


def _check_prom(text: str) -> None:
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    assert [line for line in lines if not SAMPLE.fullmatch(line)] == []


_CHECKS: dict[str, Any] = {
    ".csv": _check_csv,
    ".html": _check_html,
    ".xml": ElementTree.fromstring,
    ".prom": _check_prom,
    ".md": lambda text: None,
}


def assert_no_other_files(folder: Path) -> None:
    """Assert that nothing was written outside of the report and the folders of Ansible."""
    own = {"esa-ctr-report", "home", "temp", "ansible.cfg"}
    others = [path.name for path in folder.iterdir() if path.name not in own]
    assert [name for name in others if not re.fullmatch(r"(record|output)-\d+\.(jsonl|txt)", name)] == []
    reports = {path.suffix for path in (folder / "esa-ctr-report").rglob("*") if path.is_file()}
    assert reports <= {".json", ".html", ".csv", ".md", ".xml", ".prom"}
