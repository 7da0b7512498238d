# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of host keys, private keys and agents of every kind, over real SSH: in, or an error that names the file."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import errors
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import files as ssh_files
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.other_servers import ssh_server
from tests.unit.plugins.module_utils.asyncos.person import NAME, options_for

ANY = {"name": NAME, "dialect": {"auth": ["password", "keyboard-interactive", "publickey"]}}
SECRET = "the-Passphrase-of-keys"


async def outcome(options: SshOptions) -> errors.Unreachable | None:
    """None where the log-in succeeds. Anything but the family Unreachable fails the test."""
    try:
        async with ssh.open_session(options):
            return None
    except errors.Unreachable as error:
        for secret in options.secrets():
            assert secret not in str(error)
        assert len(str(error)) < 1000
        return error


def forbid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File that only root may read; simulate the same error for root."""
    path.chmod(0o000)
    opened = os.open

    def refuse(name: Any, *more: Any, **named: Any) -> int:
        if str(name) == str(path):
            raise PermissionError(13, "Permission denied", name)
        return opened(name, *more, **named)

    if os.geteuid() == 0:
        monkeypatch.setattr(os, "open", refuse)


def directory(path: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    path.mkdir()


def forbidden(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text("")
    forbid(path, monkeypatch)


def pipe(path: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(path)


def device(path: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    path.symlink_to(path)


def huge(path: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    with path.open("wb") as file:
        file.truncate(ssh_files.MAX_KNOWN_HOSTS + 1)


NO_FILE = {
    "directory": (directory, "Is a directory|not a regular file"),
    "no permission": (forbidden, "Permission denied"),
    "pipe": (pipe, "not a regular file"),
    "device": (device, "not a regular file"),
    "link to itself": (loop, "symbolic links"),
    "too large": (huge, "larger than"),
}


@pytest.mark.parametrize(("make", "why"), NO_FILE.values(), ids=NO_FILE.keys())
@pytest.mark.parametrize("kind", ["known_hosts", "private_key_file"])
def test_an_unreadable_file_is_reported(
    kind: str, make: Callable[..., None], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    make(path, monkeypatch)

    async def story() -> None:
        log_ins: list[str] = []
        async with ssh_server(log_ins) as port:
            named = {kind: (str(path),) if kind == "known_hosts" else str(path)}
            options = SshOptions("esa1", "127.0.0.1", port, "admin", **named)
            began = time.monotonic()
            error = await outcome(options)
            assert time.monotonic() - began < 5
        assert type(error) is errors.Unreachable and log_ins == []
        what = f"the host keys in {path} cannot" if kind == "known_hosts" else f"the private key {path} cannot"
        assert what in error.problem
        assert any(words in error.problem for words in why.split("|")), error.problem
        assert ("ansible_asyncos_known_hosts" if kind == "known_hosts" else "ansible_private_key_file") in error.fix

    asyncio.run(story())


@pytest.mark.parametrize("path", ["", "none", "none/none", "file/below", "~nobody-of-this-name/known", "/dev/null"])
def test_a_missing_known_hosts_file_is_skipped(path: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    name = path if path.startswith(("/", "~")) else str(tmp_path / path) if path else ""

    async def story(lab: Lab) -> None:
        good = tmp_path / "good"
        good.write_text(lab.appliances[NAME].known_hosts_line())
        assert await outcome(options_for(lab, host_key_checking=True, known_hosts=(name, str(good)))) is None
        error = await outcome(options_for(lab, host_key_checking=True, known_hosts=(name,)))
        assert type(error) is errors.HostKeyUnknown

    with_lab(story, ANY)


def test_broken_lines_do_not_prevent_the_log_in(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        file = tmp_path / "known_hosts"
        file.write_bytes(b"@trusted x y\nbroken\n\xff\xfe\x00\n" + lab.appliances[NAME].known_hosts_line().encode())
        options = options_for(lab, host_key_checking=True, known_hosts=(str(file),))
        assert await outcome(options) is None
        assert [text.split(":")[0] for text in ssh_files.warnings_of(options)] == [
            f"{file}, line {number}" for number in (1, 2, 3)
        ]

    with_lab(story, ANY)


def test_a_host_name_that_is_not_known_is_an_unknown_host_key(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        error = await outcome(options_for(lab, host="localhost", host_key_checking=True, known_hosts=()))
        assert type(error) is errors.HostKeyUnknown

    with_lab(story, ANY)


@pytest.mark.parametrize("where", ["[127.0.0.1]:{port}", "127.0.0.1", "*", "[127.0.0.1]:*"])
def test_a_revoked_key_is_refused_though_it_is_known(where: str, tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        server = lab.appliances[NAME]
        key = server.known_hosts_line().split(" ", 1)[1]
        file = tmp_path / "known_hosts"
        for trusted in ("127.0.0.1", f"[127.0.0.1]:{server.port}"):
            file.write_text(f"broken\n@revoked {where.format(port=server.port)} {key}\n{trusted} {key}\n")
            error = await outcome(options_for(lab, host_key_checking=True, known_hosts=(str(file),)))
            assert type(error) is errors.HostKeyRevoked and str(file) in error.problem
        assert lab.state()["appliances"][NAME]["failed_logins"] == 0

    with_lab(story, ANY)


def test_the_key_type_in_known_hosts_is_requested(tmp_path: Path) -> None:
    """A server with several host keys shows the one that known_hosts holds."""

    async def story() -> None:
        keys = [asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256")]
        keys.append(asyncssh.generate_private_key("ssh-rsa", key_size=2048))
        acceptor = await asyncssh.listen("127.0.0.1", 0, server_host_keys=keys, gss_host=None)
        for key in keys:
            file = tmp_path / "known_hosts"
            file.write_text(f"127.0.0.1 {key.export_public_key().decode()}")
            for legacy in (False, True):
                options = SshOptions(
                    "esa1", "127.0.0.1", acceptor.get_port(), "admin", SECRET, known_hosts=(str(file),)
                )
                error = await outcome(dataclasses.replace(options, legacy_algorithms=legacy))
                assert type(error) is errors.LoginRefused, (key.algorithm, legacy, error)
        acceptor.close()

    asyncio.run(story())


def private(lab: Lab, name: str = "id_ed25519") -> bytes:
    return lab.client_keys.files()[name][0].encode()


KEYS: dict[str, tuple[Callable[[Lab], bytes], str | None, str]] = {
    "garbage": (lambda lab: b"garbage", None, "Invalid private key"),
    "empty": (lambda lab: b"", None, "it is empty"),
    "blank": (lambda lab: b"\n \n", None, "it is empty"),
    "binary": (lambda lab: bytes(range(256)) * 10, None, "cannot be used"),
    "cut off": (lambda lab: private(lab)[:-60], None, "cannot be used"),
    "header alone": (lambda lab: b"-----BEGIN OPENSSH PRIVATE KEY-----\n", None, "cannot be used"),
    "no base64": (
        lambda lab: b"-----BEGIN OPENSSH PRIVATE KEY-----\n!\n-----END OPENSSH PRIVATE KEY-----\n",
        None,
        "cannot be used",
    ),
    "DER of nothing": (lambda lab: b"\x30\x84\xff\xff\xff\xff", None, "cannot be used"),
    "PEM of nothing": (
        lambda lab: b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
        None,
        "cannot be",
    ),
    "public key": (lambda lab: lab.client_keys.files()["id_ed25519"][1].encode(), None, "it is a public key"),
    "certificate": (lambda lab: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None, "cannot be"),
    "no passphrase": (lambda lab: private(lab, "id_encrypted"), None, "assphrase"),
    "wrong passphrase": (lambda lab: private(lab, "id_encrypted"), SECRET, "with the configured passphrase"),
    "passphrase of no text": (lambda lab: private(lab, "id_encrypted"), "\udc80", "cannot be used"),
    "passphrase for nothing": (lambda lab: b"garbage", SECRET, "cannot be used"),
    "too large": (lambda lab: b"x" * (ssh_files.MAX_KEY + 1), None, "larger than 1024 KB"),
}


@pytest.mark.parametrize(("content", "passphrase", "why"), KEYS.values(), ids=KEYS.keys())
def test_an_unusable_private_key_is_reported(
    content: Callable[[Lab], bytes], passphrase: str | None, why: str, tmp_path: Path
) -> None:
    async def story(lab: Lab) -> None:
        file = tmp_path / "id"
        file.write_bytes(content(lab))
        options = options_for(lab, password=None, private_key_file=str(file), private_key_passphrase=passphrase)
        for _turn in range(2):
            error = await outcome(options)
            assert type(error) is errors.Unreachable
            assert f"the private key {file} cannot be used" in error.problem and why in error.problem
            assert "ansible_private_key_file and ansible_private_key_passphrase" in error.fix

    with_lab(story, ANY)


@pytest.mark.parametrize("content", [b"garbage", b"", b"\xff" * 100, b"ssh-ed25519-cert-v01@openssh.com AAAA"])
def test_an_unusable_certificate_is_reported(content: bytes, tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        (tmp_path / "id").write_bytes(private(lab))
        (tmp_path / "id-cert.pub").write_bytes(content)
        error = await outcome(options_for(lab, password=None, private_key_file=str(tmp_path / "id")))
        assert type(error) is errors.Unreachable
        assert f"{tmp_path / 'id-cert.pub'} cannot be used (it is not an SSH certificate)" in error.problem

    with_lab(story, ANY)


def test_a_key_with_a_certificate_is_offered_with_it(tmp_path: Path) -> None:
    authority, key = (asyncssh.generate_private_key("ssh-ed25519") for _number in range(2))
    (tmp_path / "id").write_bytes(key.export_private_key())
    certificate = authority.generate_user_certificate(key, "admin", principals=["admin"])
    (tmp_path / "id-cert.pub").write_bytes(certificate.export_certificate())
    seen: list[str] = []

    class Server(asyncssh.SSHServer):
        def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            seen.append(username)
            return False

        def public_key_auth_supported(self) -> bool:
            return True

    async def story() -> None:
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        acceptor = await asyncssh.listen("127.0.0.1", 0, server_factory=Server, server_host_keys=[host_key])
        options = SshOptions(
            "esa1",
            "127.0.0.1",
            acceptor.get_port(),
            "admin",
            private_key_file=str(tmp_path / "id"),
            host_key_checking=False,
        )
        assert type(await outcome(options)) is errors.LoginRefused
        assert seen == ["admin"]
        acceptor.close()

    asyncio.run(story())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with nothing in it."""
    (tmp_path / ".ssh").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


HOMES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda ssh: None,
    "garbage as key": lambda ssh: (ssh / "id_ed25519").write_bytes(b"garbage"),
    "binary as key": lambda ssh: (ssh / "id_rsa").write_bytes(bytes(range(256))),
    "folder as key": lambda ssh: (ssh / "id_ecdsa").mkdir(),
    "pipe as certificate": lambda ssh: (ssh / "id_ed25519-cert.pub").mkdir(),
    "garbage as configuration": lambda ssh: (ssh / "config").write_bytes(b"\xff\x00 Match ((\n"),
    "garbage as authorities": lambda ssh: (ssh / "ca-bundle.crt").write_bytes(b"garbage"),
    "garbage as known_hosts": lambda ssh: (ssh / "known_hosts").write_bytes(b"garbage\n"),
}


@pytest.mark.parametrize("fill", HOMES.values(), ids=HOMES.keys())
def test_files_in_the_home_folder_raise_only_unreachable(fill: Callable[[Path], object], home: Path) -> None:
    fill(home / ".ssh")

    async def story(lab: Lab) -> None:
        error = await outcome(options_for(lab, password=None))
        assert isinstance(error, errors.Unreachable)
        assert await outcome(options_for(lab)) is None

    with_lab(story, ANY)


@pytest.fixture
def garbled_agent(tmp_path: Path) -> Iterator[str]:
    """An agent that answers garbage."""
    path = str(tmp_path / "agent")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()

    def answer() -> None:
        while True:
            try:
                client, _address = server.accept()
            except OSError:
                return
            with client:
                client.recv(100)
                client.sendall(b"\x00\x00\x00\x09\x0c\x00\x00\x00\x05garb")

    threading.Thread(target=answer, daemon=True).start()
    yield path
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.parametrize("agent", ["none", "/dev/null", "folder", "relative", "garbled", "x" * 300])
def test_a_broken_agent_is_skipped(agent: str, home: Path, monkeypatch: pytest.MonkeyPatch, garbled_agent: str) -> None:
    known = {"none": str(home / "none"), "folder": str(home), "garbled": garbled_agent}
    monkeypatch.setenv("SSH_AUTH_SOCK", known.get(agent, agent))

    async def story(lab: Lab) -> None:
        assert type(await outcome(options_for(lab, password=None))) is errors.LoginRefused
        (home / ".ssh" / "id_ed25519").write_bytes(private(lab))
        assert await outcome(options_for(lab, password=None)) is None

    with_lab(story, ANY)


def test_an_agent_that_never_answers_times_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(home / "agent")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        monkeypatch.setenv("SSH_AUTH_SOCK", path)

        async def story(lab: Lab) -> None:
            error = await outcome(options_for(lab, password=None, connect_timeout=1.0))
            assert type(error) is errors.ConnectionRefused and "within 1 s" in error.problem

        with_lab(story, ANY)


@pytest.mark.parametrize("folder", ["/proc/none", "/dev/null/below", "x\0y", "x" * 300])
def test_an_unwritable_transcript_is_reported(folder: str) -> None:
    async def story(lab: Lab) -> None:
        error = await outcome(options_for(lab, transcript_dir=folder))
        assert type(error) is errors.Unreachable and "transcript cannot be written" in error.problem

    with_lab(story, ANY)
