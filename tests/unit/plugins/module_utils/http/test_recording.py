# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recording keeps the form of an exchange, and replaces its data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._http.recording import Recording
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets

ID = "0b54ba8d-6c36-44b3-a3df-f3a9bb9c28ea"


def kept(folder: Path, answer: Any, path: str = "/iroh/iroh-sse/device", **content: Any) -> dict[str, Any]:
    recording = Recording.begin(str(folder), "cloud", "europe", "api.corp.example", Secrets("5ecret-password"))
    assert recording is not None
    headers = {"X-Total-Hits": "1", "Set-Cookie": "c", "X-Internal": "secret-host", "Retry-After": "5ecret-password s"}
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    recording.keep("GET", path, content, Answer("GET", path, "api.corp.example", 200, headers, body))
    recording.close()
    path_of_file = max((folder / "cloud").iterdir(), key=lambda one: one.name)
    assert path_of_file.stat().st_mode & 0o077 == 0
    found: dict[str, Any] = json.loads(path_of_file.read_text(encoding="utf-8"))
    return found


def test_words_forms_numbers_and_times_stay(tmp_path: Path) -> None:
    record = {
        "id": ID,
        "status": "Registered",
        "version": "14.0.0",
        "created": "2026-11-28T03:00:00.000Z",
        "count": 5,
        "on": True,
    }
    (answer,) = kept(tmp_path, [record])["answer"]
    assert {**answer, "id": ID} == record
    assert answer["id"] != ID and len(answer["id"]) == len(ID)


def test_free_texts_names_and_secrets_are_replaced(tmp_path: Path) -> None:
    sent = {"name": "berlin01", "description": "Mail of Jane Doe", "password": "5ecret-password"}
    exchange = kept(
        tmp_path, {"note": "see berlin01", "owner": "jane@corp.example"}, json=sent, params={"q": "Jane Doe"}
    )
    text = json.dumps(exchange)
    for value in ("berlin01", "Jane", "jane", "5ecret", "corp.example", "secret-host", "Set-Cookie"):
        assert value not in text, exchange
    assert exchange["sent"]["name"].startswith("host-")
    assert exchange["headers"] == {"X-Total-Hits": "1", "Retry-After": f"{MASK} s"}


def test_stand_ins_agree_over_recordings_in_one_folder(tmp_path: Path) -> None:
    first, second = (kept(tmp_path, {"id": ID}) for _time in range(2))
    assert first["answer"] == second["answer"] != kept(tmp_path / "other", {"id": ID})["answer"]


def test_an_answer_that_is_no_json_is_kept_without_its_text(tmp_path: Path) -> None:
    assert kept(tmp_path, b"<html>Jane</html>")["answer"] is None


def test_a_login_keeps_no_credentials(tmp_path: Path) -> None:
    exchange = kept(
        tmp_path, {"data": {"jwtToken": "abc.def"}}, "/esa/api/v2.0/login", json={"data": {"userName": "YWRtaW4="}}
    )
    assert exchange["sent"] == {}
    assert "abc.def" not in json.dumps(exchange)


def test_without_a_folder_nothing_is_recorded() -> None:
    assert Recording.begin(None, "cloud", "europe", "x", Secrets()) is None
    assert Recording.begin("", "cloud", "europe", "x", Secrets()) is None


def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OptionRefused, match="the recording cannot be written to"):
        Recording.begin(str(tmp_path / "file" / "x"), "cloud", "europe", "x", Secrets())
