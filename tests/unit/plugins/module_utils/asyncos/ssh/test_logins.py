# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a password is sent: by which method, again in the same run, at the same moment; and what is kept of it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import stat
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import errors
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import logins
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.person import NAME, options_for

WRONG = "not-the-Passw0rd-at-all"
BOTH = {"name": NAME, "dialect": {"auth": ["password", "keyboard-interactive", "publickey"]}}


async def outcome(options: SshOptions) -> errors.Unreachable | None:
    try:
        async with ssh.open_session(options):
            return None
    except errors.Unreachable as error:
        assert WRONG not in str(error)
        return error


def failed(lab: Lab) -> int:
    return lab.state()["appliances"][NAME]["failed_logins"]


def remembering(lab: Lab, folder: Path, **more: Any) -> SshOptions:
    return options_for(lab, **{"login_records": str(folder / "records"), **more})


@pytest.mark.parametrize("auth", [["password"], ["keyboard-interactive"], ["password", "keyboard-interactive"]])
def test_a_wrong_password_is_sent_once_per_connection(auth: list[str]) -> None:
    async def story(lab: Lab) -> None:
        error = await outcome(options_for(lab, password=WRONG))
        assert type(error) is errors.LoginRefused
        assert "The password is not sent again" in error.problem
        assert failed(lab) == 1

    with_lab(story, {"name": NAME, "dialect": {"auth": auth}})


def test_a_refused_password_is_not_sent_again_in_the_same_run(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        wrong = remembering(lab, tmp_path, password=WRONG)
        await outcome(wrong)
        for options in (wrong, dataclasses.replace(wrong, name="another name")):
            error = await outcome(options)
            assert type(error) is errors.LoginRefused
            assert "the log-in was refused earlier in this run and is not tried again" in error.problem
        assert failed(lab) == 1
        assert await outcome(remembering(lab, tmp_path)) is None, "another password is another matter"
        await outcome(dataclasses.replace(wrong, user="operator"))
        assert failed(lab) == 2, "so is another user"
        await outcome(dataclasses.replace(wrong, login_records=str(tmp_path / "the next run")))
        assert failed(lab) == 3

    with_lab(story, BOTH)


def test_simultaneous_log_ins_cause_one_failure(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        found = await asyncio.gather(*(outcome(remembering(lab, tmp_path, password=WRONG)) for _number in range(20)))
        assert {type(error) for error in found} == {errors.LoginRefused}
        assert failed(lab) == 1
        right = await asyncio.gather(*(outcome(remembering(lab, tmp_path)) for _number in range(20)))
        assert set(right) == {None}

    with_lab(story, BOTH)


def test_a_refused_key_is_not_tried_again_and_a_refused_password_is_dropped(tmp_path: Path) -> None:
    async def story(lab: Lab) -> None:
        (tmp_path / "good").write_text(lab.client_keys.files()["id_ed25519"][0])
        (tmp_path / "other").write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
        key = remembering(lab, tmp_path, password=None, private_key_file=str(tmp_path / "other"))
        first, second = await outcome(key), await outcome(key)
        assert "may not log in with the given password or key" in first.problem
        assert "password is not sent" not in first.problem
        assert "refused earlier in this run" in second.problem
        assert failed(lab) == 0
        await outcome(dataclasses.replace(key, password=WRONG))
        await outcome(dataclasses.replace(key, password=WRONG))
        assert failed(lab) == 1
        good = dataclasses.replace(key, password=WRONG, private_key_file=str(tmp_path / "good"))
        assert await outcome(good) is None
        assert failed(lab) == 1

    with_lab(story, BOTH)


class Asking(asyncssh.SSHServer):
    """Server that answers a log-in with a script, and counts the passwords it receives."""

    def __init__(self, prompts: list[list[str]], told: list[str], end: str = "refuse") -> None:
        self.prompts, self.told, self.end = list(prompts), told, end

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return not self.prompts

    async def validate_password(self, username: str, password: str) -> bool:
        self.told.append(password)
        if self.end == "leave":
            self.connection.abort()
        if self.end == "say nothing":
            await asyncio.sleep(60)
        if self.end == "expired":
            raise asyncssh.PasswordChangeRequired("Your password has expired.\nNew password:")
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> asyncssh.KbdIntChallenge:
        return "", "", lang, [(text, False) for text in (self.prompts or [["Password:"]])[0]]

    def validate_kbdint_response(self, username: str, responses: asyncssh.KbdIntResponse) -> asyncssh.KbdIntChallenge:
        self.told += responses
        self.prompts = self.prompts[1:]
        return ("", "", "", [(text, False) for text in self.prompts[0]]) if self.prompts else False


def ask(*asked: list[str], end: str = "refuse", folder: Path, turns: int = 1) -> tuple[list[str], list[Any]]:
    """Return the passwords that the server received, and the results of the log-ins."""
    told: list[str] = []

    async def story() -> list[Any]:
        key = asyncssh.generate_private_key("ssh-ed25519")
        acceptor = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=lambda: Asking(list(asked), told, end), server_host_keys=[key], gss_host=None
        )
        options = SshOptions(
            "esa1",
            "127.0.0.1",
            acceptor.get_port(),
            "admin",
            WRONG,
            host_key_checking=False,
            connect_timeout=1.0,
            login_records=str(folder),
        )
        try:
            return [await outcome(options) for _turn in range(turns)]
        finally:
            acceptor.close()

    return told, asyncio.run(story())


@pytest.mark.parametrize("prompt", ["Password:", "password: ", "(admin@esa1) Password:", "Passphrase for admin:"])
def test_a_prompt_for_the_password_is_answered(prompt: str, tmp_path: Path) -> None:
    told, (error,) = ask([prompt], folder=tmp_path)
    assert told == [WRONG] and "may not log in with" in error.problem


@pytest.mark.parametrize(
    "prompts",
    [
        ["Passcode:"],
        ["New password:"],
        ["One-time password (OTP) for admin:"],
        ["Current password:"],
        ["Password:", "Token:"],
        ["User:"],
        ["Continue? [y/N]"],
        [""],
        ["x" * 100_000],
    ],
)
def test_no_other_prompt_is_answered(prompts: list[str], tmp_path: Path) -> None:
    told, found = ask(prompts, folder=tmp_path, turns=2)
    assert told == []
    for error in found:
        assert type(error) is errors.LoginRefused and "asks for more than a password: " in error.problem
        assert len(str(error)) < 1000
    assert "the log-in is not tried again" in found[1].problem


@pytest.mark.parametrize("prompts", [[f"Passcode for {WRONG}:"], ["x" * 190 + WRONG]])
def test_a_password_in_a_prompt_is_neither_shown_nor_recorded(prompts: list[str], tmp_path: Path) -> None:
    _told, found = ask(prompts, folder=tmp_path, turns=2)
    texts = [str(error) for error in found] + [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(texts) > 2
    assert [text for text in texts if WRONG[:6] in text] == []


def test_a_second_factor_after_the_password_is_reported_and_not_tried_again(tmp_path: Path) -> None:
    told, found = ask(["Password:"], ["Passcode:"], folder=tmp_path, turns=2)
    assert told == [WRONG]
    assert all("asks for more than a password: 'Passcode:'" in error.problem for error in found)


def test_a_prompt_that_comes_twice_gets_the_password_once(tmp_path: Path) -> None:
    told, _found = ask(["Password:"], ["Password:"], ["Password:"], folder=tmp_path)
    assert told == [WRONG]


def test_an_expired_password_is_reported(tmp_path: Path) -> None:
    told, found = ask(end="expired", folder=tmp_path, turns=2)
    assert told == [WRONG]
    assert all("asks for more than a password: 'Your password has expired." in error.problem for error in found)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("leave", "the connection ended during the log-in, after the password"),
        ("say nothing", "no answer to the log-in"),
    ],
)
def test_a_password_without_an_answer_counts_as_sent(end: str, said: str, tmp_path: Path) -> None:
    told, found = ask(end=end, folder=tmp_path, turns=2)
    assert told == [WRONG]
    assert said in found[0].problem and "The password is not sent again" in found[0].problem
    assert "the log-in got no answer earlier in this run and is not tried again" in found[1].problem


def test_records_hold_no_secret_and_are_private(tmp_path: Path) -> None:
    records = tmp_path / "records"
    mask = os.umask(0)
    try:
        logins.Logins(str(records)).note(logins.Past(logins.REFUSED), "ssh", "esa1", "admin", WRONG)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(records.stat().st_mode) == 0o700
    files = list(records.iterdir())
    assert len(files) == 2
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        for known in (WRONG, "admin", "esa1"):
            assert known not in file.name and known.encode() not in file.read_bytes()
    other = tmp_path / "other"
    logins.Logins(str(other)).note(logins.Past(logins.REFUSED), "ssh", "esa1", "admin", WRONG)
    assert {file.name for file in files} & {file.name for file in other.iterdir()} == {"salt"}


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"\xff", b"[]", b"{}", b"null", b'{"end": "refused"}', b"[" * 9999]
)
def test_a_damaged_record_is_ignored(content: bytes, tmp_path: Path) -> None:
    kept = logins.Logins(str(tmp_path))
    kept.note(logins.Past(logins.REFUSED), "x")
    (file,) = (file for file in tmp_path.iterdir() if file.name != "salt")
    assert kept.past("x") == logins.Past(logins.REFUSED)
    file.write_bytes(content)
    assert kept.past("x") is None


@pytest.mark.parametrize("folder", [None, "/proc/none", "/dev/null/none"])
def test_without_a_folder_the_log_in_works_without_records(folder: str | None) -> None:
    async def story(lab: Lab) -> None:
        for password in (WRONG, WRONG, lab.password):
            await outcome(options_for(lab, password=password, login_records=folder))
        assert failed(lab) == 2
        assert lab.state()["appliances"][NAME]["logins"] == 1

    with_lab(story, BOTH)


def test_a_refusal_of_a_password_that_was_not_sent_is_not_recorded(tmp_path: Path) -> None:
    kept = logins.Logins(str(tmp_path))
    kept.attempt("ssh", "esa1").end(logins.Past(logins.REFUSED))
    assert kept.past("ssh", "esa1") is None


def test_an_interrupted_log_in_counts_as_sent(tmp_path: Path) -> None:
    async def story() -> None:
        kept = logins.Logins(str(tmp_path))
        attempt = kept.attempt("ssh", "esa1")
        assert await attempt.may_send(1) and not await attempt.may_send(1)
        assert kept.past("ssh", "esa1") is None, "it is under way"
        attempt.close()
        assert kept.past("ssh", "esa1") == logins.Past(logins.UNANSWERED)

    asyncio.run(story())
