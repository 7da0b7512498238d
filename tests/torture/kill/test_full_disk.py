# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""The disk of the controller is full: at each file, at any byte, and at each step of each file."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import json
import os
import random
import resource
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.extensions.eda.plugins.event_source import sse_devices
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.transcript import RecordingChannel
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.logins import ACCEPTED, Logins, Past
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.token_file import save_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._http.recording import Recording
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render import files as probe_files
from ansible_collections.emailsec.ctr.plugins.module_utils._records import stand_ins_of, warnings_of_records
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.files import FILES, render, save
from ansible_collections.emailsec.ctr.plugins.module_utils._report.saved_rows import save_document
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets
from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab
from tests.samples import drift, probe_document
from tests.torture.support.kills import assert_reports_are_whole
from tests.unit.plugins.module_utils.report.drawn import PAGE

ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1},
    "appliances": [
        {"name": "full1.example.com", "region": "europe"},
        {"name": "full2.example.com", "region": "europe", "initial": ONBOARDED},
    ],
}

Steps = Callable[[Path, int], Any]


def drift_report(folder: Path, version: int) -> None:
    document = drift.build(drift.small_rows(), created=f"2026-11-24T0{version}:00:00Z")
    save(str(folder), document, render(document, FILES, PAGE), keep=2)


def probe(folder: Path, version: int) -> None:
    document = replace(probe_document.usual(), created=f"2026-11-24T0{version}:00:00Z")
    probe_files.save(str(folder), ROOT, document, document.proposals, document.remaining)


def rows(folder: Path, version: int) -> None:
    save_document(str(folder / "rollout.json"), "Rollout", {"done": version}, [{"host": "a" * 2000}] * version)


def tokens(folder: Path, version: int) -> str | None:
    token = {"name": "a", "token": f"{version:032}", "region": "europe"}
    return save_tokens(str(folder / "tokens.jsonl"), [token] * 99)


def recording(folder: Path, version: int) -> None:
    record = Recording.begin(str(folder), "cloud", "europe", "api.example.com", Secrets())
    assert record
    answer = Answer(
        "GET", "/x", "api.example.com", 200, {}, json.dumps([{"id": version, "text": "a" * 999}] * 9).encode()
    )
    for _time in range(3):
        record.keep("GET", "/x", {}, answer)
    record.close()


class Silent:
    """A channel that shows a prompt, and no more."""

    def write(self, text: str) -> None:
        pass

    async def read(self) -> str:
        return "esa.example.com> " * 999

    async def close(self) -> None:
        pass


def dialogue(folder: Path, version: int) -> None:
    async def session() -> None:
        channel = RecordingChannel(Silent(), str(folder), f"esa{version}.example.com", Secrets())
        await channel.read()
        channel.write("version\n")
        await channel.close()

    asyncio.run(session())


def key(folder: Path, version: int) -> None:
    stand_ins_of(str(folder))


def login(folder: Path, version: int) -> None:
    attempt = Logins(str(folder)).attempt("of SSH", "a", "b", "c", str(version))
    assert asyncio.run(attempt.may_send(1))
    attempt.end(Past(ACCEPTED))


def event_source(folder: Path, version: int) -> None:
    sse_devices.save(str(folder / "state.json"), {f"region{number}": {} for number in range(99 * version)})


WRITERS: list[Steps] = [drift_report, probe, rows, tokens, recording, dialogue, key, login, event_source]
EXPECTED = (OSError, OptionRefused, sse_devices.WrongOption)
"""Each caller makes a message with a fix from an OSError; the others have one."""


@contextlib.contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Refuse to write beyond this size of each file, as a quota does; Python ignores the signal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class NthCall:
    """The operating system's calls for files: the chosen one finds no space."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: int) -> None:
        self._count = itertools.count(1)
        self._fails = fails
        self.reached = False
        for name in ("mkdir", "replace", "link", "fchmod"):
            self._watch(monkeypatch, name, getattr(os, name))
        self._watch(monkeypatch, "open", os.open, lambda *given: len(given) > 1 and given[1] & os.O_CREAT)

    def _watch(
        self, monkeypatch: pytest.MonkeyPatch, name: str, real: Any, writes: Callable[..., object] = lambda *_: True
    ) -> None:
        def call(*given: Any, **more: Any) -> Any:
            if writes(*given) and next(self._count) == self._fails:
                self.reached = True
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*given, **more)

        monkeypatch.setattr(os, name, call)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def assert_every_file_is_whole(
    writer: Steps, folder: Path, before: dict[str, bytes], complete: dict[str, bytes]
) -> None:
    """Assert that no draft is left, and that each file is the earlier one or complete."""
    after = contents(folder)
    assert not [name for name in after if ".draft-" in name]
    assert before.keys() - after.keys() <= {name for name in before if name.startswith("history/")}
    for name, content in after.items():
        if name.endswith((".json", ".jsonl")):
            assert all(json.loads(line) for line in content.splitlines()) if name.endswith("l") else json.loads(content)
        elif writer not in (key, login):
            assert content in (before.get(name), complete.get(name)), name


def earlier(writer: Steps, folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Write the first version into the folder; return it, and the second version from another folder."""
    for path in (folder / "disk", folder / "complete"):
        path.mkdir()
        writer(path, 1)
    before = contents(folder / "disk")
    writer(folder / "complete", 2)
    return before, contents(folder / "complete")


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_a_full_disk_at_any_byte_leaves_every_earlier_file_whole(
    tmp_path: Path, writer: Steps, rng: random.Random, tally: Any
) -> None:
    before, complete = earlier(writer, tmp_path)
    largest = max(map(len, complete.values()))
    sizes = {0, 1, 4096, 8192, largest - 1, *(rng.randrange(largest) for _number in range(20))}
    tally.cases(len(sizes))
    for size in sorted(sizes):
        with no_file_above(size), contextlib.suppress(*EXPECTED):
            writer(tmp_path / "disk", 2)
        assert_every_file_is_whole(writer, tmp_path / "disk", before, complete)
    writer(tmp_path / "disk", 2)
    assert_every_file_is_whole(writer, tmp_path / "disk", before, complete)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_a_full_disk_at_any_step_leaves_every_earlier_file_whole(tmp_path: Path, writer: Steps, tally: Any) -> None:
    before, complete = earlier(writer, tmp_path)
    for fails in itertools.count(1):
        with pytest.MonkeyPatch.context() as patched:
            calls = NthCall(patched, fails)
            with contextlib.suppress(*EXPECTED):
                writer(tmp_path / "disk", 2)
        assert_every_file_is_whole(writer, tmp_path / "disk", before, complete)
        if not calls.reached:
            break
    tally.cases(fails)
    assert fails < 99


@pytest.mark.parametrize("writer", [recording, dialogue])
def test_a_record_that_cannot_be_saved_is_a_warning_with_its_name_and_a_fix(tmp_path: Path, writer: Steps) -> None:
    warnings_of_records()
    writer(tmp_path, 1)
    assert warnings_of_records() == []
    with no_file_above(100):
        writer(tmp_path, 2)
    (text,) = warnings_of_records()
    assert str(tmp_path) in text and "File too large" in text and "Fix: free disk space" in text


def test_tokens_that_cannot_be_saved_are_named_with_the_file(tmp_path: Path) -> None:
    with no_file_above(10):
        assert tokens(tmp_path, 1) == f"{tmp_path}/tokens.jsonl was not written: File too large"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a full file system with 4 KB left; only root may mount it."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", str(place)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, room: int) -> None:
    """Fill the disk, and leave this number of bytes."""
    with contextlib.suppress(OSError), open(disk / "ballast", "wb", buffering=0) as ballast:
        while ballast.write(b"x" * 4096):
            pass
    os.truncate(disk / "ballast", (disk / "ballast").stat().st_size - room)


@pytest.mark.parametrize(
    ("playbook", "place", "room"),
    [
        ("drift_report", "esa_ctr_report_dir={}/report", 0),
        ("drift_report", "esa_ctr_report_dir={}/report", 8192),
        ("onboard", "esa_ctr_record={}", 0),
        ("onboard", "esa_ctr_record={}", 16384),
    ],
)
def test_a_run_with_a_full_disk_says_what_to_do_and_is_finished_by_the_next(
    lab: Lab, ansible: Ansible, small_disk: Path, playbook: str, place: str, room: int
) -> None:
    report = small_disk / "report" / "drift.md"
    report.parent.mkdir(mode=0o700)
    report.write_text("earlier")
    fill(small_disk, room)
    arguments = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=20")
    run = ansible.playbook(f"emailsec.ctr.{playbook}", *arguments, "-e", place.format(small_disk))
    assert "Traceback" not in run.output
    for text in (str(small_disk), "No space left on device", "Fix: "):
        assert text in run.output, run.output
    assert report.read_text() == "earlier"
    assert not list(small_disk.rglob(".draft-*"))
    assert_reports_are_whole(small_disk)
    (small_disk / "ballast").unlink()
    again = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert again.rc == 0, again.output
    assert all(lab.is_onboarded(name, "europe") for name in ("full1.example.com", "full2.example.com"))
