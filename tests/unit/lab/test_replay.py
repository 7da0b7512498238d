# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replay of recorded sessions as appliances."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.lab.appliance.terminal import PROMPT_END
from tests.lab.fleet import read_fleet
from tests.lab.fleet_fields import FleetError
from tests.lab.lab import Lab
from tests.lab.replay_fleet import fleet_of
from tests.lab.transcript import Step, read_transcript
from tests.unit.lab.clients import connection, person_at, with_lab

NAME = "esa1.example.com"
FILE = Path(__file__).parent / "transcripts" / f"{NAME}.jsonl"
BOX = {"name": NAME, "transcript": str(FILE)}
PROMPT = f"{NAME}> "
ROOT = Path(__file__).parents[3]


def calls(lab: Lab, kind: str) -> list[str | None]:
    """Return the recorded lines of this kind."""
    return [call.line for call in lab.recorder.calls if call.kind == kind]


def test_the_recorded_session_is_replayed() -> None:
    async def story(lab: Lab) -> None:
        async with person_at(lab, NAME) as person:
            await person.says("", PROMPT)
            await person.says("version", "-Press Any Key For More-")
            person.types(" ")
            assert "Serial #: 0123456789AB-BA9876543210" in await person.sees(PROMPT)
            assert "cloudserviceconfig" not in await person.says("cloudserviceconfig", "[]> ")
            assert "token key" in await person.says("REGISTER", "[]> ")
            assert "invalid or expired" in await person.says("0123456789abcdef0123456789abcdef", PROMPT)
            await person.says("cloudserviceconfig", "[]> ")
            person.types("\x03")
            await person.sees(PROMPT)
            person.types("exit\n")
            assert "REPLAY" not in await person.is_cut_off()
        assert calls(lab, "cli") == [
            "",
            "version",
            " ",
            "cloudserviceconfig",
            "REGISTER",
            "0123456789abcdef0123456789abcdef",
            "cloudserviceconfig",
            "^C",
            "exit",
        ]
        assert calls(lab, "replay") == []
        assert lab.state()["appliances"][NAME]["logins"] == 1

    with_lab(story, BOX)


def test_another_line_ends_the_session() -> None:
    async def story(lab: Lab) -> None:
        for _session in range(2):
            async with person_at(lab, NAME) as person:
                await person.says("", PROMPT)
                person.types("showchanges\n")
                assert "REPLAY: expected 'version', got 'showchanges'\r\n" in await person.is_cut_off()
        call = lab.recorder.calls[-1].as_json()
        call.pop("at")
        assert call == {
            "kind": "replay",
            "who": NAME,
            "region": None,
            "write": False,
            "line": "showchanges",
            "expected": "version",
        }
        assert calls(lab, "replay") == ["showchanges"] * 2

    with_lab(story, BOX)


def write(path: Path, *entries: tuple[str, str]) -> str:
    """Write a transcript; return its path for a fleet file."""
    path.write_text("".join(json.dumps({"type": kind, "text": text, "at": 0}) + "\n" for kind, text in entries))
    return str(path)


def test_a_line_after_the_end_ends_the_session(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        for line, end in (("version", "REPLAY: expected the end, got 'version'"), ("exit", "exit\r\n")):
            async with person_at(lab, NAME) as person:
                person.types(line + "\n")
                assert (await person.is_cut_off()).endswith((end, end + "\r\n"))
        assert lab.recorder.calls[0].expected is None

    with_lab(story, {"name": NAME, "transcript": write(tmp_path / "t.jsonl", ("login", PROMPT))})


def test_a_command_without_a_shell_is_replayed(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        async with connection(lab, NAME) as conn:
            assert str((await conn.run("version")).stdout) == "Model: X\r\r\n"
            assert "REPLAY: expected 'version', got 'commit'" in str((await conn.run("commit")).stdout)

    entries = [("login", PROMPT), ("typed", "version"), ("shown", "version\r\nModel: X\r\n")]
    path = write(tmp_path / "t.jsonl", *entries)
    with_lab(story, {"name": NAME, "transcript": path, "dialect": {"line_end": "crcrlf"}})


@pytest.mark.parametrize(
    ("typed", "line", "fits"),
    [
        ("version", "version", True),
        ("version", "Version", False),
        ("version", "version ", False),
        ("********", "", True),
        ("********", "any thing", True),
        ("set ******** now", "set it (all) now", True),
        ("set ******** now", "set it later", False),
        ("a.c", "abc", False),
    ],
)
def test_a_masked_line_matches_any_secret(typed: str, line: str, fits: bool) -> None:
    assert Step(typed, None).fits(line) is fits


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", "is empty"),
        ("[", "line 1: is not JSON"),
        ("[]", "line 1: type: must be a string"),
        ('{"type": "login"}', "line 1: text: must be a string"),
        ('{"type": "typed", "text": ""}', "line 1: type: must be login here"),
        ('{"type": "login", "text": ""}\n\n{"type": "shown", "text": ""}', "line 3: type: must be typed here"),
    ],
)
def test_an_invalid_transcript_is_named_with_its_line(tmp_path: Path, content: str, where: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    with pytest.raises(FleetError, match=f"{path}: {where}"):
        read_transcript(path)


def test_paths_are_relative_to_the_fleet_file(tmp_path: Path) -> None:
    write(tmp_path / "t.jsonl", ("login", PROMPT))
    [spec] = read_fleet(str(tmp_path / "f.yml"), {"appliances": [{"name": "a", "transcript": "t.jsonl"}]}).appliances
    assert spec.transcript and spec.transcript.login == PROMPT
    with pytest.raises(FleetError, match="cannot be read"):
        read_fleet(str(tmp_path / "f.yml"), {"appliances": [{"name": "a", "transcript": "none.jsonl"}]})


def test_appliances_are_named_after_their_files(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    files = [tmp_path / "a.example.com.jsonl", tmp_path / "my box.jsonl", tmp_path / "more" / "a.example.com.jsonl"]
    for file in files:
        write(file, ("login", PROMPT))
    names = [spec.name for spec in fleet_of(files).appliances]
    assert names == ["a.example.com", "replay2.example.com", "replay3.example.com"]


def test_replay_as_a_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.lab", "replay", os.path.relpath(FILE, ROOT), "--run-dir", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        inventory = yaml.safe_load((tmp_path / "inventory.yml").read_text())["all"]
        assert list(inventory["children"]["appliances"]["hosts"]) == [NAME]
    finally:
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("cut", range(len(PROMPT_END) + 1))
def test_the_rest_of_a_prompt_after_the_next_typed_line_belongs_to_the_prompt(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "esa1.jsonl"
    prompt, late = f"esa1> {PROMPT_END[:cut]}", PROMPT_END[cut:]
    entries = [("login", prompt), ("typed", "version"), ("shown", f"{late}version\r\nCurrent Version\r\nesa1> ")]
    path.write_text(
        "".join(json.dumps({"type": kind, "text": text}) + "\n" for kind, text in entries), encoding="utf-8"
    )
    transcript = read_transcript(path)
    assert transcript.login == f"esa1> {PROMPT_END}"
    assert transcript.steps == (Step("version", "Current Version\nesa1> "),)
