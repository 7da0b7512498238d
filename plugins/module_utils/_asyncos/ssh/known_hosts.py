# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read known_hosts files line by line, like OpenSSH.

The reader of asyncssh stops at the first unreadable line, and ignores a key revoked for C([host]:port) when it falls
back to the plain host name. A key is decoded when it is needed: each task of Ansible is a process of its own, and needs
one key of a file that may have thousands.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from .library import HAS_ASYNCSSH

if HAS_ASYNCSSH:
    import asyncssh

SSH_PORT = 22
CERT_AUTHORITY, REVOKED = b"@cert-authority", b"@revoked"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
UTF_8_MARK = b"\xef\xbb\xbf"
NAMED_LINES = 5
"""Maximum number of lines per file with their own warning; further lines are only counted."""
NO_KEY = "it holds no readable key"

_BLANKS = re.compile(rb"[ \t]+")


@dataclass
class _File:
    """``skipped`` says why, by number of the line."""

    path: str
    skipped: dict[int, str] = field(default_factory=dict)
    utf_16: bool = False

    def warnings(self) -> Iterator[str]:
        if self.utf_16:
            yield f"{self.path}: the file is encoded in UTF-16, so all its lines are skipped. Fix: save it as UTF-8."
        numbers = sorted(self.skipped)
        for number in numbers[:NAMED_LINES]:
            yield f"{self.path}, line {number}: the line is skipped, because {self.skipped[number]}."
        if more := numbers[NAMED_LINES:]:
            yield f"{self.path}: {len(more)} more unreadable lines are skipped, the last is line {more[-1]}."


@dataclass
class _Entry:
    marker: bytes | None
    encoded: bytes
    file: _File
    number: int
    _key: Any = None
    _decoded: bool = False

    def key(self) -> Any:
        """Return the key; None if it cannot be read, and then the file says so."""
        if not self._decoded:
            self._decoded = True
            try:
                self._key = asyncssh.import_public_key(self.encoded)
            except Exception:  # the parsers of keys raise more than they document
                self.file.skipped[self.number] = NO_KEY
        return self._key


class Match(NamedTuple):
    """Keys of one host: trusted keys, authorities of host certificates, and revoked keys."""

    trusted: list[Any]
    authorities: list[Any]
    revoked: list[Any]


class KnownHosts:
    """Host keys of several files."""

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._exact: dict[str, list[_Entry]] = {}
        self._patterns: list[tuple[Callable[[str], bool], _Entry]] = []

    def add_file(self, path: str, content: bytes) -> None:
        """Add every line of a file that has the form of an entry."""
        file = _File(path, utf_16=content.startswith(UTF_16))
        self._files.append(file)
        if file.utf_16:
            return
        for number, line in enumerate(content.removeprefix(UTF_8_MARK).split(b"\n"), 1):
            line = line.strip(b" \t\r")
            if not line or line.startswith(b"#"):
                continue
            try:
                self._add(line, file, number)
            except ValueError as error:
                file.skipped[number] = str(error)

    @cached_property
    def warnings(self) -> list[str]:
        """A warning with file and number for each skipped line. This decodes all keys."""
        for entry in (*chain.from_iterable(self._exact.values()), *(entry for _matches, entry in self._patterns)):
            entry.key()
        return self._warnings()

    def warnings_of(self, host: str, port: int | None) -> list[str]:
        """Return the warnings of the lines that name no host, or this one."""
        self.match(host, port=port)
        return self._warnings()

    def _warnings(self) -> list[str]:
        return [text for file in self._files for text in file.warnings()]

    def match(self, host: str, addr: str = "", port: int | None = None) -> Match:
        """Return the keys of a host. Entries with the port come first, and the name comes before the address.

        A key that is revoked under any of these names is revoked.
        """
        plain = [name.lower() for name in dict.fromkeys((host, addr)) if name]
        with_port = [f"[{name}]:{port}" for name in plain] if port and port != SSH_PORT else []
        found = [list(self._entries(name)) for name in (*with_port, *plain)]

        def marked(marker: bytes | None) -> list[list[Any]]:
            return [[entry.key() for entry in some if entry.marker == marker and entry.key()] for some in found]

        return Match(
            trusted=next(filter(None, marked(None)), []),
            authorities=next(filter(None, marked(CERT_AUTHORITY)), []),
            revoked=list(dict.fromkeys(key for keys in marked(REVOKED) for key in keys)),
        )

    def _entries(self, name: str) -> Iterator[_Entry]:
        yield from self._exact.get(name, ())
        yield from (entry for matches, entry in self._patterns if matches(name))

    def _add(self, line: bytes, file: _File, number: int) -> None:
        marker = None
        if line.startswith(b"@"):
            marker, *rest = _BLANKS.split(line, 1)
            line = rest[0] if rest else b""
            if marker not in (CERT_AUTHORITY, REVOKED):
                raise ValueError(f"its marker {_shown(marker)} is unknown")
        fields = _BLANKS.split(line, 3)
        if len(fields) < 3:
            raise ValueError("it does not have the form: host, key type, key")
        # skip the comment, which may have any encoding
        entry = _Entry(marker, b" ".join(fields[1:3]), file, number)
        names = fields[0].decode("utf-8", "surrogateescape").lower()
        if names.startswith("|"):
            self._patterns.append((_hashed(fields[0]), entry))
        elif any(sign in names for sign in "*?!"):
            self._patterns.append((_wildcards(names), entry))
        else:
            for name in names.split(","):
                self._exact.setdefault(name, []).append(entry)


def _hashed(field: bytes) -> Callable[[str], bool]:
    parts = field.split(b"|")
    if len(parts) != 4 or parts[1] != b"1":
        raise ValueError("its host name is hashed in an unknown way")
    try:
        salt, hashed = (base64.b64decode(part, validate=True) for part in parts[2:])
    except binascii.Error:
        raise ValueError("its hashed host name is not base64") from None
    # the format requires SHA-1; it only hides the name
    return lambda name: hmac.new(salt, name.encode("utf-8", "surrogateescape"), hashlib.sha1).digest() == hashed


def _wildcards(names: str) -> Callable[[str], bool]:
    wanted: list[Callable[[str], Any]] = []
    unwanted: list[Callable[[str], Any]] = []
    for pattern in filter(None, names.split(",")):
        negated = pattern.startswith("!")
        translated = re.escape(re.sub(r"\*+", "*", pattern[negated:])).replace(r"\*", ".*").replace(r"\?", ".")
        (unwanted if negated else wanted).append(re.compile(translated, re.S).fullmatch)
    return lambda name: any(fits(name) for fits in wanted) and not any(fits(name) for fits in unwanted)


def _shown(word: bytes) -> str:
    return repr(word[:30].decode("ascii", "replace"))
