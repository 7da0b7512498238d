# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Earlier reports are compared if they are valid, skipped with a warning if not, and removed when old."""

from __future__ import annotations

import json
import os
import stat

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._report.history import (
    last_document,
    read_history,
    save_history,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.files import FILES, render, save
from tests.samples import drift
from tests.unit.plugins.module_utils.report.drawn import PAGE


def report(hour: int) -> dict:
    return drift.build(drift.small_rows(), created=f"2026-11-24T{hour:02}:00:00Z")


def saved(folder, *hours: int, keep: int = 30) -> None:
    for hour in hours:
        save_history(str(folder), report(hour), keep)


def names(folder) -> list[str]:
    return sorted(os.listdir(folder / "history"))


def test_the_history_contains_the_counts_of_the_last_reports(tmp_path) -> None:
    saved(tmp_path, 1, 2, 3)
    warnings: list[str] = []
    history = read_history(str(tmp_path), 30, warnings.append)
    assert [entry["created"][11:13] for entry in history] == ["01", "02", "03"]
    assert {tuple(entry["counts"].values()) for entry in history} == {(1, 1, 3, 3)}
    assert warnings == []
    assert read_history(str(tmp_path), 2, warnings.append) == history[1:]
    assert read_history(str(tmp_path), 0, warnings.append) == []


def test_old_history_files_are_removed(tmp_path) -> None:
    saved(tmp_path, 1, 2, 3, 4, keep=3)
    assert names(tmp_path) == [f"drift-20261124T0{hour}0000Z.json" for hour in (2, 3, 4)]
    saved(tmp_path, 5, keep=1)
    assert names(tmp_path) == ["drift-20261124T050000Z.json"]
    saved(tmp_path, 6, keep=0)
    assert names(tmp_path) == []


def test_other_files_are_neither_read_nor_removed(tmp_path) -> None:
    saved(tmp_path, 1)
    (tmp_path / "history" / "notes.json").write_text("{}")
    (tmp_path / "history" / "drift-20261124T000000Z.json.bak").write_text("mine")
    saved(tmp_path, 2, keep=1)
    assert names(tmp_path) == ["drift-20261124T000000Z.json.bak", "drift-20261124T020000Z.json", "notes.json"]
    assert len(read_history(str(tmp_path), 30, pytest.fail)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        ("[]", "its schema_version is None"),
        ('{"schema_version": 0}', "its schema_version is 0, but this release reads 1"),
        ('{"schema_version": 2}', "its schema_version is 2"),
        (
            '{"schema_version": 1, "title": "Drift", "rows": [], "created": "2026-11-24T08:06:43+00:00"}',
            "is not a drift",
        ),
        (json.dumps({**drift.build(drift.small_rows()), "appliances": [{"host": "a"}]}), "is not a drift report"),
        (json.dumps({**drift.build(drift.small_rows()), "counts": {"ok": "many"}}), "is not a drift report"),
    ],
)
def test_an_invalid_last_report_is_skipped_with_a_warning(tmp_path, content, said) -> None:
    (tmp_path / "drift.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    warnings: list[str] = []
    assert last_document(str(tmp_path), warnings.append) is None
    assert len(warnings) == 1 and said in warnings[0] and str(tmp_path / "drift.json") in warnings[0]


def test_a_damaged_history_file_does_not_hide_the_others(tmp_path) -> None:
    saved(tmp_path, 1, 2, 3)
    (tmp_path / "history" / "drift-20261124T020000Z.json").write_text('{"schema_version": 1')
    warnings: list[str] = []
    assert [entry["created"][11:13] for entry in read_history(str(tmp_path), 30, warnings.append)] == ["01", "03"]
    assert len(warnings) == 1


def test_the_first_report_has_no_history(tmp_path) -> None:
    assert last_document(str(tmp_path), pytest.fail) is None
    assert read_history(str(tmp_path / "nowhere"), 30, pytest.fail) == []


def test_a_saved_document_can_be_read(tmp_path) -> None:
    document = report(1)
    save(str(tmp_path), document, render(document, [], PAGE), keep=2)
    assert last_document(str(tmp_path), pytest.fail) == document


def test_files_have_their_names_and_follow_the_umask(tmp_path) -> None:
    document = report(1)
    mask = os.umask(0o027)
    try:
        paths = save(str(tmp_path / "new" / "folder"), document, render(document, FILES, PAGE), keep=2)
    finally:
        os.umask(mask)
    assert {os.path.basename(path) for path in paths.values()} == {"drift.json", *FILES.values()}
    for path in paths.values():
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == sorted(["drift.json", "history", *FILES.values()])
