# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A record that cannot be saved ends the record and not the work, and is a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._records import RecordFile, warnings_of_records


class Full:
    """The stream of a file on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.fixture(autouse=True)
def _no_warnings() -> None:
    warnings_of_records()


def test_a_record_is_saved_when_it_is_closed(tmp_path: Path) -> None:
    file = RecordFile(str(tmp_path), "esa1.example.com:22")
    file.write("line\n")
    assert [path.suffix for path in tmp_path.iterdir()] == [""], "a draft"
    file.close()
    file.write("too late\n")
    (saved,) = tmp_path.iterdir()
    assert saved.name.startswith("esa1.example.com_22-")
    assert (saved.read_text(), saved.stat().st_mode & 0o777) == ("line\n", 0o600)
    assert warnings_of_records() == []


def test_a_full_disk_ends_the_record_once(tmp_path: Path) -> None:
    file = RecordFile(str(tmp_path), "esa1")
    file._stream = Full()  # type: ignore[assignment]
    for _line in range(2):
        file.write("line\n")
    file.close()
    assert list(tmp_path.iterdir()) == []
    (text,) = warnings_of_records()
    assert "No space left on device" in text and "Fix: free disk space" in text
    assert warnings_of_records() == []


def test_a_folder_that_disappears_before_the_record_is_saved(tmp_path: Path) -> None:
    file = RecordFile(str(tmp_path), "esa1")
    file.write("line\n")
    for path in tmp_path.iterdir():
        path.unlink()
    file.close()
    assert "No such file" in warnings_of_records()[0]
    assert warnings_of_records() == []
