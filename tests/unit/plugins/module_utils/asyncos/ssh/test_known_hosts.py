# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys as OpenSSH reads them: what a line means, what is skipped with a warning, which key counts."""

from __future__ import annotations

import base64
import hashlib
import hmac

import asyncssh
import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.known_hosts import KnownHosts, Match

KEY, OTHER, THIRD = (asyncssh.generate_private_key("ssh-ed25519").convert_to_public() for _number in range(3))
HOST, ADDR, PORT = "esa1.example.com", "192.0.2.7", 2222
FILE = "/etc/ssh/known"


def text(key: asyncssh.SSHKey) -> bytes:
    return key.export_public_key().strip()


def hashed(name: str) -> bytes:
    salt = bytes(range(20))
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return b"|1|%s|%s" % (base64.b64encode(salt), base64.b64encode(digest))


def read(*lines: bytes, end: bytes = b"\n") -> KnownHosts:
    known = KnownHosts()
    known.add_file(FILE, b"".join(line + end for line in lines))
    return known


def match(*lines: bytes, host: str = HOST, addr: str = ADDR, port: int | None = PORT) -> Match:
    known = read(*lines)
    assert known.warnings == []
    return known.match(host, addr, port)


@pytest.mark.parametrize(
    "names",
    [
        b"[esa1.example.com]:2222",
        b"[ESA1.Example.COM]:2222",
        b"other,[esa1.example.com]:2222",
        b"[192.0.2.7]:2222",
        b"esa1.example.com",
        b"192.0.2.7",
        b"*.example.com",
        b"esa?.example.com",
        b"[*.example.com]:2222",
        b"[*]:*",
        b"*",
        b"*,!esa2.example.com",
        hashed("[esa1.example.com]:2222"),
        hashed("esa1.example.com"),
    ],
)
def test_patterns_that_match_the_host(names: bytes) -> None:
    assert match(names + b" " + text(KEY)) == ([KEY], [], [])


@pytest.mark.parametrize(
    "names",
    [
        b"[esa1.example.com]:22",
        b"[esa1.example.com]:2223",
        b"esa2.example.com",
        b"*.example.net",
        b"esa??.example.com",
        b"!esa1.example.com",
        b"*,!*",
        b"[a-z]sa1.example.com,*x",
        hashed("esa2.example.com"),
    ],
)
def test_patterns_that_do_not_match_the_host(names: bytes) -> None:
    assert match(names + b" " + text(KEY), addr="") == ([], [], [])


def test_a_negated_name_overrides_a_wildcard() -> None:
    assert match(b"*.example.com,!esa1.example.com " + text(KEY), addr="") == ([], [], [])


def test_the_usual_port_has_no_brackets() -> None:
    assert match(b"esa1.example.com " + text(KEY), b"[esa1.example.com]:22 " + text(OTHER), port=22).trusted == [KEY]
    assert match(b"esa1.example.com " + text(KEY), port=None).trusted == [KEY]


def test_the_name_with_the_port_goes_before_the_name_and_the_name_before_the_address() -> None:
    lines = [
        b"192.0.2.7 " + text(THIRD),
        b"esa1.example.com " + text(OTHER),
        b"[esa1.example.com]:2222 " + text(KEY),
    ]
    assert match(*lines).trusted == [KEY]
    assert match(*lines[:2]).trusted == [OTHER]
    assert match(*lines[:1]).trusted == [THIRD]


def test_markers() -> None:
    found = match(
        b"@cert-authority *.example.com " + text(OTHER),
        b"@revoked\t*\t" + text(THIRD),
        b"esa1.example.com " + text(KEY),
    )
    assert found == ([KEY], [OTHER], [THIRD])


def test_an_authority_for_all_hosts_does_not_hide_a_key_without_the_port() -> None:
    found = match(b"@cert-authority * " + text(OTHER), b"esa1.example.com " + text(KEY))
    assert found == ([KEY], [OTHER], [])


@pytest.mark.parametrize("where", [b"[esa1.example.com]:2222", b"esa1.example.com", b"192.0.2.7", b"*"])
@pytest.mark.parametrize("trusted", [b"[esa1.example.com]:2222", b"esa1.example.com", b"[192.0.2.7]:2222"])
def test_a_key_revoked_under_one_name_is_revoked_under_every_other(where: bytes, trusted: bytes) -> None:
    assert match(b"@revoked " + where + b" " + text(KEY), trusted + b" " + text(KEY)).revoked == [KEY]


@pytest.mark.parametrize(
    "line",
    [
        b"  esa1.example.com \t " + text(KEY) + b"\r",
        b"esa1.example.com " + text(KEY) + b" a comment",
        b"esa1.example.com " + text(KEY) + " Gerät".encode("latin-1"),
        b"esa1.example.com " + text(KEY) + b" \x00\xff",
    ],
    ids=["blanks and CR", "comment", "Latin-1", "binary"],
)
def test_spaces_line_ends_and_comments_of_any_encoding_are_ignored(line: bytes) -> None:
    assert match(b"", b"# comment \xff", b"   ", line).trusted == [KEY]


BROKEN = {
    "one word": (b"esa1.example.com", "does not have the form: host, key type, key"),
    "no key": (b"esa1.example.com ssh-ed25519", "does not have the form: host, key type, key"),
    "cut off": (b"esa1.example.com " + text(OTHER)[:-20], "it holds no readable key"),
    "no base64": (b"esa1.example.com ssh-ed25519 !!!!", "it holds no readable key"),
    "unknown kind": (b"esa1.example.com ssh-future AAAAC3NzaC1lZDI1NTE5", "it holds no readable key"),
    "protocol 1": (b"esa1.example.com 1024 35 1234567890", "it holds no readable key"),
    "unknown marker": (b"@trusted esa1.example.com " + text(OTHER), "its marker '@trusted' is unknown"),
    "marker alone": (b"@revoked", "does not have the form: host, key type, key"),
    "escape in the marker": (b"@\x1b[2J esa1 " + text(OTHER), "its marker '@\\x1b[2J' is unknown"),
    "hash of another kind": (b"|2|AAAA|AAAA " + text(OTHER), "hashed in an unknown way"),
    "hash cut off": (b"|1|AAAA " + text(OTHER), "hashed in an unknown way"),
    "hash of no base64": (b"|1|!|! " + text(OTHER), "its hashed host name is not base64"),
    "binary": (bytes(range(1, 9)) + bytes(range(14, 256)), "the line is skipped"),
    "merge conflict": (b"<<<<<<< HEAD", "does not have the form"),
    "a megabyte": (b"x" * 1_000_000, "does not have the form"),
}


@pytest.mark.parametrize(("line", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_an_unreadable_line_is_skipped_with_a_warning(line: bytes, why: str) -> None:
    known = read(b"# first", line, b"esa1.example.com " + text(KEY))
    assert known.match(HOST, ADDR, PORT) == ([KEY], [], [])
    (warning,) = known.warnings
    assert warning.startswith(f"{FILE}, line 2: ") and why in warning
    assert len(warning) < 200 and warning.isprintable()


def test_a_task_names_the_unreadable_keys_of_its_host_only() -> None:
    broken = b" ssh-ed25519 !!!!"
    known = read(b"esa2.example.com" + broken, b"[esa1.example.com]:2222" + broken, b"*.example.com" + broken, b"x")
    assert [text.partition(":")[0] for text in known.warnings_of(HOST, PORT)] == [
        f"{FILE}, line 2",
        f"{FILE}, line 3",
        f"{FILE}, line 4",
    ]
    assert len(known.warnings) == 4


def test_a_byte_order_mark_does_not_hide_the_first_line() -> None:
    assert match(b"\xef\xbb\xbf@revoked * " + text(KEY)).revoked == [KEY]


def test_many_unreadable_lines_are_counted() -> None:
    warnings = read(*[b"broken"] * 1000).warnings
    assert len(warnings) == 6
    assert warnings[-1] == f"{FILE}: 995 more unreadable lines are skipped, the last is line 1000."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_reported(encoding: str) -> None:
    content = ("\ufeff" if encoding == "utf-16-be" else "") + f"esa1.example.com {text(KEY).decode()}\n"
    known = KnownHosts()
    known.add_file(FILE, content.encode(encoding))
    assert known.match(HOST, ADDR, PORT) == ([], [], [])
    assert known.warnings == [
        f"{FILE}: the file is encoded in UTF-16, so all its lines are skipped. Fix: save it as UTF-8."
    ]
