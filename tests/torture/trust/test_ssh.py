# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SSH server that cannot be trusted gets no user name and no password, directly and behind a jump host."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import errors
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions

HOST = "127.0.0.1"
USER, PASSWORD, JUMP_PASSWORD = "admin", "the-Passw0rd-of-trust", "the-Passw0rd-of-the-jump-host"
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:Diffie-Hellman over finite fields", "ignore:.*DSA.*"
)


@dataclass
class Got:
    """What a server has learned."""

    users: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not self.users and not self.answers


class _Stranger(asyncssh.SSHServer):
    """Ask for everything, and accept it."""

    def __init__(self, got: Got, prompts: list[str]) -> None:
        self._got = got
        self._prompts = prompts

    def begin_auth(self, username: str) -> bool:
        self._got.users.append(username)
        return True

    def password_auth_supported(self) -> bool:
        return not self._prompts

    def validate_password(self, username: str, password: str) -> bool:
        self._got.answers.append(password)
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", [(prompt, False) for prompt in self._prompts or ["Password:"]]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        self._got.answers += responses
        return True

    def connection_requested(self, *_addresses: object) -> bool:
        return True


@contextlib.asynccontextmanager
async def server(
    got: Got,
    keys: list[Any],
    prompts: list[str] | None = None,
    signatures: list[bytes] | None = None,
    **options: Any,
) -> AsyncIterator[int]:
    pairs = list(asyncssh.load_keypairs(keys))
    for pair in pairs if signatures else []:
        pair.host_key_algorithms = signatures
    acceptor = await asyncssh.listen(
        HOST, 0, server_factory=lambda: _Stranger(got, prompts or []), server_host_keys=pairs, gss_host=None, **options
    )
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


KNOWN = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")
RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
ECDSA = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
AUTHORITY, FAKE_AUTHORITY = (asyncssh.generate_private_key("ssh-ed25519") for _number in range(2))


def certified(authority: asyncssh.SSHKey, key: asyncssh.SSHKey = OTHER, **more: Any) -> tuple[Any, Any]:
    """Return a host key with a certificate."""
    return key, authority.generate_host_certificate(key, "host", **{"principals": [HOST], **more})


def of_a_user() -> tuple[Any, Any]:
    return OTHER, AUTHORITY.generate_user_certificate(OTHER, "host", principals=[HOST])


TRUSTED_AUTHORITY = f"@cert-authority * {public(AUTHORITY)}"
IS_KNOWN = f"{{place}} {public(KNOWN)}"
SHA_1_KEX = ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha1"]


@dataclass(frozen=True)
class Case:
    """``lines`` of known_hosts, with {place}; what the server offers; the error."""

    lines: tuple[str, ...]
    error: type[errors.Unreachable]
    keys: tuple[Any, ...] = (KNOWN,)
    offers: dict[str, Any] = field(default_factory=dict)


REVOKED, CHANGED, UNKNOWN, OLD = (
    errors.HostKeyRevoked,
    errors.HostKeyChanged,
    errors.HostKeyUnknown,
    errors.NoCommonAlgorithm,
)
CASES = {
    "unknown": Case((), UNKNOWN),
    "known for another port": Case((f"[{HOST}]:1 {public(KNOWN)}",), UNKNOWN),
    "known for another host": Case((f"192.0.2.7 {public(KNOWN)}",), UNKNOWN),
    "known in an unreadable line": Case((f"@trusted {{place}} {public(KNOWN)}",), UNKNOWN),
    "changed": Case((IS_KNOWN,), CHANGED, (OTHER,)),
    "changed, with the known key in a comment": Case((f"{IS_KNOWN} {public(OTHER)}",), CHANGED, (OTHER,)),
    "revoked": Case((f"@revoked * {public(KNOWN)}", IS_KNOWN), REVOKED),
    "revoked for the address": Case((IS_KNOWN, f"@revoked {HOST} {public(KNOWN)}"), REVOKED),
    "revoked for the port": Case((f"{HOST} {public(KNOWN)}", f"@revoked {{place}} {public(KNOWN)}"), REVOKED),
    "another algorithm: RSA": Case((IS_KNOWN,), CHANGED, (RSA,)),
    "another algorithm: ECDSA": Case((IS_KNOWN,), CHANGED, (ECDSA,)),
    "another algorithm: RSA with SHA-1": Case((IS_KNOWN,), CHANGED, (RSA,), {"signatures": [b"ssh-rsa"]}),
    "only the SHA-1 signature of the known RSA key": Case(
        (f"{{place}} {public(RSA)}",), OLD, (RSA,), {"signatures": [b"ssh-rsa"]}
    ),
    "only SHA-1 key exchange": Case((IS_KNOWN,), OLD, offers={"kex_algs": SHA_1_KEX}),
    "only SHA-1 MACs": Case((IS_KNOWN,), OLD, offers={"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-sha1"]}),
    "only MD5 MACs": Case((IS_KNOWN,), OLD, offers={"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-md5"]}),
    "only CBC": Case((IS_KNOWN,), OLD, offers={"encryption_algs": ["aes128-cbc", "3des-cbc"]}),
    "only RC4": Case((IS_KNOWN,), OLD, offers={"encryption_algs": ["arcfour256"]}),
    "certificate of an unknown authority": Case((TRUSTED_AUTHORITY,), CHANGED, (certified(FAKE_AUTHORITY),)),
    "certificate for another host": Case(
        (TRUSTED_AUTHORITY,), CHANGED, (certified(AUTHORITY, principals=["esa2.example.com"]),)
    ),
    "expired certificate": Case((TRUSTED_AUTHORITY,), CHANGED, (certified(AUTHORITY, valid_before="20200101"),)),
    "certificate of the future": Case((TRUSTED_AUTHORITY,), CHANGED, (certified(AUTHORITY, valid_after="20990101"),)),
    "certificate of a revoked authority": Case(
        (TRUSTED_AUTHORITY, f"@revoked * {public(AUTHORITY)}"), REVOKED, (certified(AUTHORITY),)
    ),
    "certificate of a revoked key": Case(
        (TRUSTED_AUTHORITY, f"@revoked * {public(OTHER)}"), REVOKED, (certified(AUTHORITY),)
    ),
    "certificate of a user": Case((TRUSTED_AUTHORITY,), CHANGED, (of_a_user(),)),
    "authority for another host": Case(
        (f"@cert-authority esa2.example.com {public(AUTHORITY)}",), UNKNOWN, (certified(AUTHORITY),)
    ),
    "authority without its marker": Case((f"{{place}} {public(AUTHORITY)}",), CHANGED, (certified(AUTHORITY),)),
}


class World:
    """A server and a jump host, and how to connect."""

    def __init__(self, folder: Path) -> None:
        self.known_hosts = folder / "known_hosts"
        self.got, self.jump_got = Got(), Got()

    def know(self, port: int, lines: tuple[str, ...], jump_port: int = 0, jump_key: asyncssh.SSHKey = KNOWN) -> None:
        shown = [line.format(place=f"[{HOST}]:{port}") for line in lines]
        if jump_port:
            shown.append(f"[{HOST}]:{jump_port} {public(jump_key)}")
        self.known_hosts.write_text("\n".join([*shown, ""]), encoding="utf-8")

    async def connect(self, port: int, jump_port: int = 0) -> errors.Unreachable:
        shared: dict[str, Any] = {"known_hosts": (str(self.known_hosts),), "connect_timeout": 10.0}
        jump = None
        if jump_port:
            jump = SshOptions(
                "jump host",
                HOST,
                jump_port,
                "jump",
                JUMP_PASSWORD,
                variables="ansible_asyncos_jump_",
                **shared,
            )
        options = SshOptions("esa1", HOST, port, USER, PASSWORD, jump=jump, login_timeout=2.0, **shared)
        with pytest.raises(errors.Unreachable) as caught:
            async with ssh.open_session(options):
                pass
        assert PASSWORD not in str(caught.value) and JUMP_PASSWORD not in str(caught.value)
        return caught.value


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def both_ways(story: Callable[[bool], Any]) -> None:
    for through_jump_host in (False, True):
        asyncio.run(story(through_jump_host))


@contextlib.asynccontextmanager
async def gate(world: World, wanted: bool) -> AsyncIterator[int]:
    """Yield the port of a jump host that has the key KNOWN, or 0."""
    if not wanted:
        yield 0
        return
    async with server(world.jump_got, [KNOWN]) as port:
        yield port


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_untrusted_server_learns_nothing(world, tally, case):
    async def story(through: bool) -> None:
        async with server(world.got, list(case.keys), **case.offers) as port, gate(world, through) as jump_port:
            world.know(port, case.lines, jump_port)
            if through and any(line.startswith("@revoked") and public(KNOWN) in line for line in case.lines):
                return
            error = await world.connect(port, jump_port)
            assert type(error) is case.error, error
            assert world.got.nothing
            assert world.jump_got.answers == [JUMP_PASSWORD] * through

    tally.cases(2)
    both_ways(story)


@pytest.mark.parametrize(
    ("lines", "keys"),
    [((IS_KNOWN,), (KNOWN,)), ((TRUSTED_AUTHORITY,), (certified(AUTHORITY),)), ((IS_KNOWN,), (RSA, KNOWN))],
    ids=["known", "certificate of a known authority", "known beside another algorithm"],
)
def test_a_trusted_server_gets_the_password(world, lines, keys):
    """Otherwise the other tests would prove nothing."""

    async def story(through: bool) -> None:
        async with server(world.got, list(keys)) as port, gate(world, through) as jump_port:
            world.know(port, lines, jump_port)
            await world.connect(port, jump_port)

    both_ways(story)
    assert world.got.answers == [PASSWORD] * 2


@pytest.mark.parametrize(
    ("lines", "key", "error"),
    [((), KNOWN, UNKNOWN), ((), OTHER, CHANGED), ((f"@revoked * {public(KNOWN)}",), KNOWN, REVOKED)],
    ids=["unknown", "changed", "revoked"],
)
def test_an_untrusted_jump_host_gets_neither_password(world, lines, key, error):
    async def story() -> None:
        async with server(world.got, [OTHER]) as port, server(world.jump_got, [KNOWN]) as jump_port:
            world.know(port, (f"{{place}} {public(OTHER)}", *lines), 0 if error is UNKNOWN else jump_port, key)
            assert type(await world.connect(port, jump_port)) is error
        assert world.jump_got.nothing and world.got.nothing

    asyncio.run(story())


@pytest.mark.parametrize(
    "prompts",
    [
        ["Passcode:"],
        ["Token code:"],
        ["New password:"],
        ["Old password:", "New password:"],
        ["Password:", "Password:"],
        ["Password of the domain administrator, again:"],
        ["Enter your client_password token:"],
        ["Login:"],
        [""],
    ],
    ids=str,
)
def test_another_prompt_gets_no_password(world, prompts):
    async def story() -> None:
        async with server(world.got, [KNOWN], prompts=prompts) as port:
            world.know(port, (IS_KNOWN,))
            assert type(await world.connect(port)) is errors.LoginRefused
        assert PASSWORD not in world.got.answers

    asyncio.run(story())
