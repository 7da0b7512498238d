# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are written atomically."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils import _files
from ansible_collections.emailsec.ctr.plugins.module_utils._files import (
    PRIVATE,
    REPORT,
    UnsafeFolder,
    draft_of,
    write_atomically,
)


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("mask", "expected"), [(0o000, 0o640), (0o022, 0o640), (0o027, 0o640), (0o077, 0o600)])
def test_the_umask_applies_to_the_mode(tmp_path: Path, mask: int, expected: int) -> None:
    path = tmp_path / "new" / "folder" / "drift.json"
    with umask(mask):
        assert write_atomically(str(path), "ä\r\n") == str(path)
    assert (path.read_bytes(), mode_of(path)) == ("ä\r\n".encode(), expected)


def test_an_exact_mode_ignores_the_umask(tmp_path: Path) -> None:
    with umask(0o077):
        write_atomically(str(tmp_path / "drift.prom"), "x", 0o644, exact=True)
    assert mode_of(tmp_path / "drift.prom") == 0o644


@pytest.mark.parametrize(("mode", "expected"), [(REPORT, 0o750), (PRIVATE, 0o700), (0o644, 0o755)])
def test_who_can_read_a_file_can_search_its_new_folder(tmp_path: Path, mode: int, expected: int) -> None:
    with umask(0):
        write_atomically(str(tmp_path / "report" / "drift.json"), "x", mode)
    assert mode_of(tmp_path / "report") == expected


def a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    folder.symlink_to("elsewhere")


def a_folder_of_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o1777)


def a_folder_of_another_user(folder: Path) -> None:
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 12345, 12345)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (a_link, "is a symbolic link"),
        (a_folder_of_all, "all users can write"),
        (a_folder_of_another_user, "belongs to another user"),
    ],
)
def test_a_folder_that_others_can_change_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], reason: str
) -> None:
    folder = tmp_path / "report"
    make(folder)
    if make is a_folder_of_another_user and os.geteuid() != 0:
        monkeypatch.setattr(_files.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(UnsafeFolder, match=reason):
        write_atomically(str(folder / "drift.json"), "x")
    assert list(folder.iterdir()) == []


def test_a_private_file_has_its_mode_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text("old")
    path.chmod(0o644)
    with umask(0), draft_of(str(path), PRIVATE) as stream:
        stream.write("new")
        (draft,) = set(tmp_path.iterdir()) - {path}
        assert (mode_of(draft), path.read_text()) == (PRIVATE, "old")
    assert (path.read_text(), mode_of(path), os.listdir(tmp_path)) == ("new", PRIVATE, ["tokens"])


@pytest.mark.parametrize("broken", ["replace", "link"])
def test_a_write_that_fails_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "drift.json"
    path.write_text("old")
    monkeypatch.setattr(_files.os, broken, full)
    with pytest.raises(OSError, match="No space left"), draft_of(str(path), overwrite=broken == "replace") as stream:
        stream.write("new")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["drift.json"])


@pytest.mark.parametrize("error", [OSError(errno.EIO, "gone"), ValueError("bad"), KeyboardInterrupt()])
def test_a_failure_while_writing_leaves_nothing_open_and_no_draft(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "drift.json"
    path.write_text("old")
    open_before = os.listdir("/proc/self/fd")
    with pytest.raises(type(error)), draft_of(str(path)) as stream:
        stream.write("half")
        raise error
    assert stream.closed and len(os.listdir("/proc/self/fd")) == len(open_before)
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["drift.json"])


def test_a_text_that_cannot_be_encoded_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(str(path), "lone \ud800")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["drift.json"])


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    path.write_text("old")
    story = (
        "import os, signal, sys\n"
        f"sys.path.insert(0, {str(Path(_files.__file__).parent)!r})\n"
        "from _files import draft_of\n"
        "with draft_of(sys.argv[1]) as stream:\n"
        "    stream.write('new' * 99999)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", story, str(path)], check=False).returncode == -9
    assert path.read_text() == "old"
    write_atomically(str(path), "next")
    assert (path.read_text(), os.listdir(tmp_path)) == ("next", ["drift.json"]), "its draft is removed"


def test_a_draft_that_is_being_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "drift.json"
    with draft_of(str(path)) as stream:
        stream.write("first")
        _files._remove_abandoned.cache_clear()
        write_atomically(str(tmp_path / "other.json"), "second")
        assert len(os.listdir(tmp_path)) == 2
    assert path.read_text() == "first"


def test_a_draft_that_is_removed_before_it_is_locked_is_created_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, removed = _files.fcntl.flock, []

    def removes(descriptor: int, kind: int) -> None:
        if not removed:
            removed.extend(tmp_path.iterdir())
            removed[0].unlink()
        real(descriptor, kind)

    monkeypatch.setattr(_files.fcntl, "flock", removes)
    write_atomically(str(tmp_path / "drift.json"), "new")
    assert (len(removed), os.listdir(tmp_path)) == (1, ["drift.json"])


def test_a_file_system_without_locks_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".draft-of-another").write_text("")
    monkeypatch.setattr(_files.fcntl, "flock", full)
    write_atomically(str(tmp_path / "drift.json"), "new")
    assert sorted(os.listdir(tmp_path)) == [".draft-of-another", "drift.json"]


def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file stays complete until the draft replaces it."""
    path = tmp_path / "drift.prom"
    path.write_text("old")
    seen = []
    real = os.replace

    def watched(draft: str, target: str) -> None:
        seen.append((path.read_text(), os.path.dirname(draft), draft.endswith(".prom")))
        real(draft, target)

    monkeypatch.setattr(_files.os, "replace", watched)
    write_atomically(str(path), "new")
    # node_exporter reads every file of the folder whose name ends in .prom.
    assert seen == [("old", str(tmp_path), False)]
    assert path.read_text() == "new"


def test_a_link_is_replaced_and_its_target_is_unchanged(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("of another user")
    link = tmp_path / "drift.json"
    link.symlink_to(target)
    write_atomically(str(link), "new")
    assert not link.is_symlink()
    assert (link.read_text(), target.read_text()) == ("new", "of another user")


def test_a_draft_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), draft_of(str(tmp_path / "none" / "tokens")):
        pass
    assert os.listdir(tmp_path) == []


def test_a_path_without_a_folder_is_in_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with draft_of("tokens") as stream:
        stream.write("new")
    assert (Path("tokens").read_text(), os.listdir(tmp_path)) == ("new", ["tokens"])


def test_the_first_of_two_writers_wins_where_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "salt"
    with draft_of(str(path), PRIVATE, overwrite=False) as late:
        late.write("late")
        with draft_of(str(path), PRIVATE, overwrite=False) as early:
            early.write("early")
    assert (path.read_text(), mode_of(path), os.listdir(tmp_path)) == ("early", PRIVATE, ["salt"])


def test_a_home_folder_is_resolved(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert write_atomically("~/drift.json", "new") == str(tmp_path / "drift.json")
