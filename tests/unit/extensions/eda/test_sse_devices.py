# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source: its options, its state file, and what it emits, with the readings of a region given."""

from __future__ import annotations

import asyncio
import contextlib
import json
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, forget
from tests.unit.consistency.support import ROOT

SOURCE = runpy.run_path(str(ROOT / "extensions/eda/plugins/event_source/sse_devices.py"))
MAIN = SOURCE["main"]
GOOD = Device("1", "esa1.example.com", "Registered", "ESA", "14.0.0-698")
GONE = replace(GOOD, status="Unregistered")
PASSWORD = "the-password-of-the-client"


class Client:
    quota: ClassVar[dict[str, Any]] = {}


Reading = tuple[list[Device] | None, float | None]


def emitted(
    readings: list[Reading], state_file: Path, monkeypatch: pytest.MonkeyPatch, **more: Any
) -> list[dict[str, Any]]:
    """Run the source on these readings of one region, and return its events."""
    left: Iterator[Reading] = iter(readings)
    queue: asyncio.Queue[Any] = asyncio.Queue()

    class Finished(Exception):
        pass

    async def run() -> None:
        async def pause(_seconds: float) -> None:
            if not left.__length_hint__():
                raise Finished

        monkeypatch.setitem(MAIN.__globals__, "_read", lambda _region, _account: next(left))
        monkeypatch.setattr(asyncio, "sleep", pause)
        account = {"client_id": "client-0000", "client_password": PASSWORD}
        await MAIN(queue, {"regions": {"eu": account}, "state_file": str(state_file), **more})

    with pytest.raises(Finished):
        asyncio.run(run())
    return [queue.get_nowait() for _event in range(queue.qsize())]


def test_the_first_reading_emits_nothing_and_a_failed_one_too(tmp_path, monkeypatch) -> None:
    readings: list[Reading] = [
        (None, None),
        ([GOOD], None),
        (None, None),
        ([GOOD], None),
        ([GONE], None),
        ([GONE], None),
    ]
    events = emitted(readings, tmp_path / "state.json", monkeypatch)
    assert [(event["type"], event["region"], event["host"]) for event in events] == [
        ("dropped_off", "europe", "esa1.example.com")
    ]


def test_the_state_is_kept_over_a_restart_and_holds_no_secret(tmp_path, monkeypatch) -> None:
    state_file = tmp_path / "folder" / "state.json"
    assert emitted([([GOOD], None)], state_file, monkeypatch) == []
    assert state_file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in state_file.read_text()
    assert [event["type"] for event in emitted([([], None)], state_file, monkeypatch)] == ["removed"]
    assert emitted([([], None)], state_file, monkeypatch) == []


def test_a_password_of_the_environment_is_masked_in_names(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CTR_CLIENT_PASSWORD", PASSWORD)
    monkeypatch.setitem(MAIN.__globals__, "client_of_account", lambda *_account: contextlib.nullcontext(Client()))
    monkeypatch.setitem(MAIN.__globals__, "list_devices", lambda _client: [replace(GOOD, name=PASSWORD)])

    async def run() -> None:
        async def pause(_seconds: float) -> None:
            raise asyncio.CancelledError

        monkeypatch.setattr(asyncio, "sleep", pause)
        await MAIN(asyncio.Queue(), {"regions": {"eu": {}}, "state_file": str(tmp_path / "state.json")})

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    forget()
    text = (tmp_path / "state.json").read_text()
    assert MASK in text and PASSWORD not in text


def test_a_region_is_not_read_while_the_quota_is_low(tmp_path, monkeypatch) -> None:
    now, times = [0.0], []
    queue: asyncio.Queue[Any] = asyncio.Queue()

    def read(_region: str, _account: Any) -> Reading:
        times.append(now[0])
        return [GOOD], 5.0 if len(times) == 1 else 90.0

    async def run() -> None:
        async def pause(seconds: float) -> None:
            now[0] += seconds
            if len(times) == 3:
                raise asyncio.CancelledError

        monkeypatch.setitem(MAIN.__globals__, "_read", read)
        monkeypatch.setitem(MAIN.__globals__, "time", SimpleNamespace(monotonic=lambda: now[0]))
        monkeypatch.setattr(asyncio, "sleep", pause)
        await MAIN(queue, {"regions": {"eu": {}}, "state_file": str(tmp_path / "state.json")})

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert times == [0.0, 900.0, 1200.0]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"schema_version": 2, "regions": {}}',
        '{"schema_version": 1, "regions": {"europe": [{}]}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_state_is_refused(tmp_path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="is damaged, or of another release. Fix: "):
        SOURCE["load"](str(path))
    assert path.read_text() == content, "the file is not changed"


def test_a_state_file_that_cannot_be_written_is_an_error(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot be written"):
        SOURCE["save"](str(tmp_path / "file" / "state.json"), {})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"regions": {}}, "regions is empty"),
        ({"regions": {"mars": {}}}, "regions.mars is not a region"),
        ({"regions": {"eu": {}, "europe": {}}}, "a second account"),
        ({"regions": {"europe": "x"}}, "regions.europe is not a map"),
        ({"interval": 0}, "interval is not a number of at least 1"),
        ({"interval": "soon"}, "interval is not a number"),
        ({"quota_reserve": float("nan")}, "quota_reserve is not a number"),
        ({"state_file": ""}, "state_file is not set"),
        ({"states": 1}, "unknown option states"),
    ],
)
def test_a_wrong_option_is_refused_before_a_reading(tmp_path, options: dict[str, Any], problem: str) -> None:
    good = {"regions": {"europe": {"client_password": PASSWORD}}, "state_file": str(tmp_path / "state.json")}
    with pytest.raises(ValueError, match=problem) as caught:
        asyncio.run(MAIN(asyncio.Queue(), {**good, **options}))
    assert "Fix: " in str(caught.value) and PASSWORD not in str(caught.value)


def test_a_saved_state_is_read_as_it_was(tmp_path) -> None:
    path = str(tmp_path / "state.json")
    known = {"europe": {"1": GOOD}, "apjc": {}}
    SOURCE["save"](path, known)
    assert SOURCE["load"](path) == known
    assert json.loads(Path(path).read_text())["schema_version"] == 1
