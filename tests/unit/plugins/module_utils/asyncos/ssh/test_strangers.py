# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers at the address is too old, or speaks something else than SSH; over real connections."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncssh
import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import errors
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.unit.plugins.module_utils.asyncos.other_servers import (
    SSH_IGNORE,
    Talk,
    floods,
    jump_server,
    says,
    server_without_terminal,
    speaking,
    ssh_server,
)

PASSWORD = "the-Passw0rd-of-strangers"
CURVE, GCM, SHA_2 = "curve25519-sha256", "aes128-gcm@openssh.com", "hmac-sha2-256"


def options(port: int, **more: Any) -> SshOptions:
    return SshOptions(
        **{
            "name": "esa1",
            "host": "127.0.0.1",
            "port": port,
            "user": "admin",
            "password": PASSWORD,
            "host_key_checking": False,
            "connect_timeout": 5.0,
            **more,
        }
    )


async def refusal(port: int, **more: Any) -> errors.Unreachable:
    with pytest.raises(errors.Unreachable) as raised:
        async with ssh.open_session(options(port, **more)):
            pass
    assert PASSWORD not in str(raised.value)
    return raised.value


LEGACY: dict[str, dict[str, Any]] = {
    "group14-sha1": {"kex_algs": ["diffie-hellman-group14-sha1"]},
    "group1-sha1": {"kex_algs": ["diffie-hellman-group1-sha1"]},
    "group-exchange-sha1": {"kex_algs": ["diffie-hellman-group-exchange-sha1"]},
    "hmac-sha1": {"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-sha1"]},
    "hmac-sha1-etm": {"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-sha1-etm@openssh.com"]},
    "hmac-md5": {"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-md5"]},
    "hmac-sha2-256-96": {"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-sha2-256-96"]},
    "aes-cbc": {"encryption_algs": ["aes128-cbc", "aes256-cbc"]},
    "3des-cbc": {"encryption_algs": ["3des-cbc"]},
    "arcfour": {"encryption_algs": ["arcfour", "arcfour128", "arcfour256"]},
    "ssh-rsa": {"key": "ssh-rsa", "signatures": [b"ssh-rsa"]},
    "ssh-dss": {"key": "ssh-dss"},
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
@pytest.mark.parametrize("offered", LEGACY.values(), ids=LEGACY.keys())
def test_a_server_that_offers_only_this_is_refused_unless_legacy_algorithms_are_allowed(
    offered: dict[str, Any],
) -> None:
    async def story() -> None:
        log_ins: list[str] = []
        async with ssh_server(log_ins, **offered) as port:
            error = await refusal(port)
            assert type(error) is errors.NoCommonAlgorithm
            assert "set ansible_asyncos_legacy_algorithms: true for this host" in error.fix
            assert log_ins == [], "no user name is told to such a server"
            assert type(await refusal(port, legacy_algorithms=True)) is errors.LoginRefused
            assert log_ins == ["admin"]

    asyncio.run(story())


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
@pytest.mark.parametrize(
    "offered",
    [
        {"kex_algs": [CURVE], "encryption_algs": [GCM]},
        {"kex_algs": ["ecdh-sha2-nistp256"], "encryption_algs": ["aes256-ctr"], "mac_algs": [SHA_2]},
        {"kex_algs": ["diffie-hellman-group14-sha256"], "mac_algs": ["hmac-sha2-512-etm@openssh.com"]},
        {"kex_algs": ["diffie-hellman-group16-sha512"], "encryption_algs": ["chacha20-poly1305@openssh.com"]},
        {"key": "ssh-rsa", "signatures": [b"rsa-sha2-512"]},
        {"key": "ecdsa-sha2-nistp256"},
    ],
)
def test_a_server_with_safe_algorithms_is_accepted(offered: dict[str, Any]) -> None:
    async def story() -> None:
        log_ins: list[str] = []
        async with ssh_server(log_ins, **offered) as port:
            assert type(await refusal(port)) is errors.LoginRefused
            assert log_ins == ["admin"]

    asyncio.run(story())


def test_a_jump_host_never_uses_legacy_algorithms() -> None:
    async def story() -> None:
        async with ssh_server([], kex_algs=["diffie-hellman-group14-sha1"]) as port:
            jump = options(port, name="jump host 127.0.0.1", variables="ansible_asyncos_jump_")
            error = await refusal(1, legacy_algorithms=True, jump=jump)
            assert type(error) is errors.NoCommonAlgorithm
            assert error.fix.startswith("update the jump host")

    asyncio.run(story())


STRANGERS: dict[str, tuple[Talk, str]] = {
    "SMTP": (says(b"220 mail.example.com ESMTP\r\n"), "220 mail.example.com ESMTP"),
    "HTTP": (says(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", leaves=True), "HTTP/1.1 400 Bad Request"),
    "TLS alert": (says(b"\x15\x03\x01\x00\x02\x02\x46", leaves=True), r"\x15\x03\x01"),
    "garbage": (says(b"\xff\xfb\x01\x00\x1b[2J"), r"\x1b[2J"),
    "one endless line": (floods(b"x" * 4096), "xxxx"),
    "endless lines": (floods(b"220 mail\r\n" * 400), "220 mail"),
}


@pytest.mark.parametrize(("talk", "said"), STRANGERS.values(), ids=STRANGERS.keys())
def test_a_service_that_is_not_ssh_is_reported(talk: Talk, said: str) -> None:
    async def story() -> None:
        async with speaking(talk) as port:
            began = time.monotonic()
            error = await refusal(port, connect_timeout=1.0)
            assert time.monotonic() - began < 10
        assert type(error) is errors.NotSSH
        assert f"the service on port {port} is not SSH (it answered '" in error.problem
        assert said in error.problem
        assert len(error.problem) < 600 and error.problem.isprintable()
        assert "ansible_host and ansible_port" in error.fix

    asyncio.run(story())


def test_a_service_that_is_not_ssh_behind_a_jump_host_is_reported() -> None:
    async def story() -> None:
        async with speaking(says(b"220 mail.example.com ESMTP\r\n")) as port, jump_server() as gate:
            jump = options(gate, name="jump host 127.0.0.1", variables="ansible_asyncos_jump_")
            error = await refusal(port, connect_timeout=1.0, jump=jump)
        assert type(error) is errors.NotSSH
        assert "220 mail.example.com" in error.problem and "as seen from the jump host" in error.fix

    asyncio.run(story())


@pytest.mark.parametrize("before", [b"", b"Authorized users only\r\n\r\n" * 20], ids=["at once", "after a notice"])
def test_an_ssh_server_with_a_banner_is_recognized(before: bytes) -> None:
    async def story() -> None:
        async with speaking(says(before + b"SSH-2.0-old\r\n", leaves=True)) as port:
            error = await refusal(port)
        assert type(error) is errors.Unreachable
        assert "ended before the log-in" in error.problem
        assert "ansible_asyncos_legacy_algorithms" in error.fix

    asyncio.run(story())


def test_a_silent_server_times_out() -> None:
    async def story() -> None:
        async with speaking(says(b"")) as port:
            error = await refusal(port, connect_timeout=0.5)
        assert type(error) is errors.ConnectionRefused
        assert "no answer within 0.5 s" in error.problem

    asyncio.run(story())


def test_a_flood_of_ssh_packets_ends_the_log_in_without_blocking_the_event_loop() -> None:
    async def story() -> None:
        longest = 0.0

        async def watch() -> None:
            nonlocal longest
            while True:
                began = time.monotonic()
                await asyncio.sleep(0)
                longest = max(longest, time.monotonic() - began)

        async with speaking(floods(SSH_IGNORE * 4000, greeting=b"SSH-2.0-box\r\n")) as port:
            watching = asyncio.ensure_future(watch())
            error = await refusal(port)
            watching.cancel()
        assert "ended before the log-in (the server sent more than 128 KB)" in error.problem
        assert longest < 2

    asyncio.run(story())


def test_a_terminal_that_is_never_opened_times_out() -> None:
    async def story() -> None:
        async with server_without_terminal() as port:
            error = await asyncio.wait_for(refusal(port, login_timeout=0.5), 10)
        assert "no answer within 0.5 s after the log-in" in error.problem
        assert "ansible_asyncos_login_timeout" in error.fix

    asyncio.run(story())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"host": "a..b"}, "'a..b' is not a valid host name"),
        ({"host": "a" * 300}, "is not a valid host name"),
        ({"host": "esa1\x00"}, "is not a valid host name"),
        ({"host": ""}, "cannot be resolved"),
        ({"port": 0}, "0 is not a TCP port"),
        ({"port": 70000}, "70000 is not a TCP port"),
        ({"connect_timeout": 0.0}, "0 is not a usable time-out"),
        ({"connect_timeout": float("nan")}, "nan is not a usable time-out"),
        ({"connect_timeout": float("inf")}, "inf is not a usable time-out"),
        ({"command_timeout": float("nan")}, "set ansible_command_timeout to"),
        ({"login_timeout": float("inf")}, "set ansible_asyncos_login_timeout to"),
        ({"user": "\udc80"}, "esa1"),
        ({"user": "a" * 100_000}, "esa1"),
        ({"password": "\udc80"}, "esa1"),
    ],
)
def test_invalid_options_make_the_host_unreachable(more: dict[str, Any], said: str) -> None:
    async def story() -> None:
        async with ssh_server([]) as port:
            assert said in str(await refusal(**{"port": port, "connect_timeout": 2.0, **more}))

    asyncio.run(story())


@pytest.mark.parametrize("before", [0, 70, 310])
def test_a_service_that_repeats_the_password_does_not_have_it_shown(before: int) -> None:
    async def story() -> None:
        async with speaking(says(f"220 {'x' * before}{PASSWORD}\r\n".encode())) as port:
            assert PASSWORD[:6] not in str(await refusal(port))

    asyncio.run(story())


def test_a_server_that_repeats_the_password_at_the_end_does_not_have_it_shown() -> None:
    class Leaves(asyncssh.SSHServer):
        def connection_made(self, conn: Any) -> None:
            self.connection = conn

        def begin_auth(self, username: str) -> bool:
            self.connection.disconnect(asyncssh.DISC_BY_APPLICATION, f"no more of {PASSWORD}")
            return True

    async def story() -> None:
        async with ssh_server([], server_class=Leaves) as port:
            assert "no more of ********" in str(await refusal(port))

    asyncio.run(story())


def test_a_server_that_opens_no_terminal_is_left_at_the_time_out() -> None:
    class NeverOpens:
        async def create_process(self, **_options: Any) -> None:
            await asyncio.Future()

    async def story() -> None:
        await asyncio.wait_for(ssh._start_session(NeverOpens(), options(22, login_timeout=0.05), lambda: None), 5)

    with pytest.raises(
        errors.Unreachable, match=r"^esa1 \(127\.0\.0\.1\): no answer within 0\.05 s after the log-in\. Fix: "
    ):
        asyncio.run(story())
