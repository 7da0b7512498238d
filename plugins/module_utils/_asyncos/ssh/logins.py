# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Record the log-ins of one run, so that a wrong password is sent only once.

Accounts lock after a few failed log-ins (five by default, SSH and HTTP together; grade A). Ansible runs each task of
each host in its own process, so the records are files in a folder that is removed at the end of the run. The file name
is an HMAC of host, user and password; the file holds none of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._files import PRIVATE, draft_of

ACCEPTED, REFUSED, MORE_ASKED, UNANSWERED = "accepted", "refused", "more asked", "unanswered"
POLL = 0.02
"""Polling interval in seconds while another log-in with the same password is in progress."""

_salts: dict[str, bytes] = {}


@dataclass(frozen=True)
class Past:
    """Result of an earlier log-in of this run. ``asked`` is the prompt without an answer (MORE_ASKED)."""

    end: str
    asked: str = ""


def over_ssh(name: str, host: str, user: str, password: str | None) -> tuple[object, ...]:
    """Return the key of a log-in over SSH that the REST API client of the same appliance can look up."""
    return ("of SSH", name, host, user, password)


def over_http(name: str, host: str, user: str, password: str | None) -> tuple[object, ...]:
    """Return the key of a log-in to the REST API that an SSH connection to the same appliance can look up."""
    return ("of HTTP", name, host, user, password)


class Logins:
    """Log-ins of one run. Without a writable folder, nothing is recorded."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder

    def past(self, *login: object) -> Past | None:
        """Return the result of the earlier log-in with this key, or None if there is none yet."""
        with self._file(login, create=False) as file:
            if file is None or not _locked(file, fcntl.LOCK_SH):
                return None
            return _read(file)

    def note(self, past: Past, *login: object) -> None:
        """Record the result of a log-in."""
        with self._file(login, create=True) as file:
            if file is not None:
                _write(file, past)

    def attempt(self, *login: object) -> Attempt:
        """Return an attempt of one connection to log in with this key."""
        return Attempt(self, login)

    @contextlib.contextmanager
    def _file(self, login: tuple[object, ...], create: bool) -> Iterator[int | None]:
        file = None
        with contextlib.suppress(OSError):
            file = self.open(login, create)
        try:
            yield file
        finally:
            if file is not None:
                os.close(file)

    def open(self, login: tuple[object, ...], create: bool) -> int | None:
        """Open the file of a log-in. Raise OSError."""
        if self._folder is None:
            return None
        if create:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
        name = hmac.new(self._salt(create), repr(login).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        flags = os.O_RDWR | (os.O_CREAT if create else 0)
        return os.open(os.path.join(self._folder, name), flags, 0o600)

    def _salt(self, create: bool) -> bytes:
        path = os.path.join(str(self._folder), "salt")
        if path in _salts:
            return _salts[path]
        if create and not os.path.exists(path):
            with draft_of(path, PRIVATE, overwrite=False) as draft:
                draft.write(secrets.token_hex(32))
        with open(path, "rb") as file:
            return _salts.setdefault(path, file.read())


class Attempt:
    """One connection's attempt to send a password. Attempts run one at a time until one is accepted."""

    def __init__(self, logins: Logins, login: tuple[object, ...]) -> None:
        self.sent = False
        self.past: Past | None = None
        """Why the password was not sent: the result of a log-in by another process."""
        self._logins = logins
        self._login_key = login
        self._file: int | None = None

    async def may_send(self, timeout: float) -> bool:
        """Wait for other attempts, and return whether the password may be sent; True at most once.

        Raise TimeoutError after ``timeout`` seconds.
        """
        if self.sent or self.past is not None:
            return False
        with contextlib.suppress(OSError):
            self._file = self._logins.open(self._login_key, create=True)
        if self._file is not None:
            until = time.monotonic() + timeout
            while not _locked(self._file, fcntl.LOCK_EX):
                if time.monotonic() > until:
                    raise TimeoutError("another log-in with this password takes too long")
                await asyncio.sleep(POLL)
            past = _read(self._file)
            if past is not None and past.end != ACCEPTED:
                self.past = past
                return False
            if past is None:
                _write(self._file, Past(UNANSWERED))  # stays if this process ends before an answer
            else:
                self.close()
        self.sent = True
        return True

    def end(self, past: Past) -> None:
        """Record the result if the password was sent, and let the next attempt continue."""
        if self.sent and past.end != UNANSWERED:
            if self._file is not None:
                _write(self._file, past)
            elif past.end != ACCEPTED:
                self._logins.note(past, *self._login_key)
        self.close()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _read(file: int) -> Past | None:
    try:
        found = json.loads(os.pread(file, 65536, 0) or b"null")
        return None if found is None else Past(str(found["end"]), str(found["asked"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _write(file: int, past: Past) -> None:
    text = json.dumps({"end": past.end, "asked": past.asked[:1000]}).encode()
    with contextlib.suppress(OSError):
        os.pwrite(file, text + b" " * 40, 0)
        os.ftruncate(file, len(text))
