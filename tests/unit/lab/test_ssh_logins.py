# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH log-ins with public keys, and through the jump host."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.lab.inventory import write_run_dir
from tests.lab.lab import Lab
from tests.unit.lab.clients import connection, with_lab

NAME = "esa1.example.com"
BOX = {"name": NAME, "region": "europe"}
WITH_KEYS = {**BOX, "dialect": {"auth": ["publickey"]}}


@contextlib.asynccontextmanager
async def at_jump_host(lab: Lab, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Log in to the jump host."""
    trusted = asyncssh.import_known_hosts(lab.jump.known_hosts_line())
    options = {"username": "jump", "password": lab.jump.password, "client_keys": None, **options}
    async with asyncssh.connect("127.0.0.1", lab.jump.port, known_hosts=trusted, config=None, **options) as conn:
        yield conn


def test_appliances_accept_their_public_keys(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        write_run_dir(lab, tmp_path)
        held = json.loads((tmp_path / "lab.json").read_text())["ssh"]
        plain, encrypted = held["private_key_file"], held["encrypted_private_key_file"]
        for options in (
            {"client_keys": [plain]},
            {"client_keys": [encrypted], "passphrase": held["passphrase"]},
        ):
            async with connection(lab, NAME, password=None, **options) as conn:
                assert "Model" in str((await conn.run("version")).stdout)
        with pytest.raises(asyncssh.KeyImportError):
            async with connection(lab, NAME, password=None, client_keys=[encrypted], passphrase="wrong"):
                pass
        other = asyncssh.generate_private_key("ssh-ed25519")
        for options in ({"client_keys": [other]}, {"client_keys": None}, {"client_keys": [plain], "username": "root"}):
            with pytest.raises(asyncssh.PermissionDenied):
                async with connection(lab, NAME, **options):
                    pass
        assert lab.state()["appliances"][NAME]["logins"] == 2

    with_lab(story, WITH_KEYS)


def test_appliances_accept_no_keys_by_default() -> None:
    async def story(lab: Lab) -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            async with connection(lab, NAME, password=None, client_keys=[lab.client_keys.plain]):
                pass

    with_lab(story, BOX)


def test_the_run_directory_has_keys_and_known_hosts(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        write_run_dir(lab, tmp_path)
        for name in ("id_ed25519", "id_encrypted", "id_jump"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
            assert (tmp_path / f"{name}.pub").read_text().startswith(("ssh-ed25519 ", "ecdsa-sha2-nistp256 "))
        assert "ENCRYPTED" in (tmp_path / "id_encrypted").read_text()
        description = json.loads((tmp_path / "lab.json").read_text())
        assert description["jump"]["port"] == lab.jump.port
        assert description["jump"]["user"] != description["ssh"]["user"]
        assert description["jump"]["password"] not in (lab.password, "")
        assert f"[127.0.0.1]:{lab.jump.port} ssh-ed25519 " in (tmp_path / "known_hosts").read_text()

    with_lab(story, BOX)


@pytest.mark.parametrize("by_key", [False, True])
def test_the_jump_host_forwards_to_appliances(by_key: bool) -> None:
    async def story(lab: Lab) -> None:
        port = lab.appliances[NAME].port
        login = {"password": None, "client_keys": [lab.client_keys.jump]} if by_key else {}
        async with at_jump_host(lab, **login) as tunnel, connection(lab, NAME, tunnel=tunnel) as conn:
            assert "Model" in str((await conn.run("version")).stdout)
        first, second = (call.as_json() for call in lab.recorder.calls)
        first.pop("at")
        assert first == {
            "kind": "jump",
            "who": NAME,
            "region": "europe",
            "write": False,
            "user": "jump",
            "target": f"127.0.0.1:{port}",
            "allowed": True,
        }
        assert second["line"] == "version"

    with_lab(story, BOX)


def test_the_jump_host_forwards_nowhere_else() -> None:
    async def story(lab: Lab) -> None:
        async with at_jump_host(lab) as tunnel:
            for host, port in (("127.0.0.1", lab.jump.port), ("192.0.2.1", lab.appliances[NAME].port)):
                with pytest.raises(asyncssh.ChannelOpenError):
                    await tunnel.open_connection(host, port)
            with pytest.raises(asyncssh.ChannelOpenError):
                await tunnel.run("id")
        assert [(call.who, call.allowed) for call in lab.recorder.calls] == [("jump", False), ("jump", False)]
        for wrong in ({"password": lab.password}, {"username": "admin"}):
            with pytest.raises(asyncssh.PermissionDenied):
                async with at_jump_host(lab, **wrong):
                    pass
        with pytest.raises(asyncssh.PermissionDenied):
            async with connection(lab, NAME, password=lab.jump.password):
                pass

    with_lab(story, BOX)


def test_a_reset_disconnects_the_jump_host() -> None:
    async def story(lab: Lab) -> None:
        async with at_jump_host(lab) as tunnel:
            lab.reset()
            await tunnel.wait_closed()

    with_lab(story, BOX)
