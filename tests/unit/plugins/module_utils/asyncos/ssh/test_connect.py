# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way to an appliance, and every reason why it is closed, over real SSH; and what a transcript holds."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import errors
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import read_identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK
from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.person import NAME, new_token, options_for, task

ANY_LOGIN = {"auth": ["password", "keyboard-interactive", "publickey"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def keys_in(folder: Path, lab: Lab) -> None:
    for name, (private, _public) in lab.client_keys.files().items():
        (folder / name).write_text(private, encoding="utf-8")
        (folder / name).chmod(0o600)


def jump(lab: Lab, **more: Any) -> SshOptions:
    options = {"port": lab.jump.port, "user": "jump", "password": lab.jump.password, "host_key_checking": False, **more}
    return SshOptions(name="jump host 127.0.0.1", host="127.0.0.1", **options)


async def model(options: SshOptions) -> str:
    async with ssh.open_session(options) as session:
        return (await read_identity(session)).model


def check(ask: Callable[[Lab, Path], SshOptions], folder: Path, dialect: dict[str, Any] | None = None) -> None:
    """These options lead to the appliance."""

    async def story(lab: Lab) -> None:
        keys_in(folder, lab)
        assert await model(ask(lab, folder)) == "C100V"

    with_lab(story, {"name": NAME, "dialect": dialect or ANY_LOGIN})


def check_closed(
    ask: Callable[[Lab, Path], SshOptions],
    folder: Path,
    error: type[errors.Unreachable],
    words: str,
    dialect: dict[str, Any] | None = None,
) -> None:
    """These options do not; the error is of this kind, names the host and the fix, and shows no secret."""

    async def story(lab: Lab) -> None:
        keys_in(folder, lab)
        with pytest.raises(error, match=words) as refused:
            await model(ask(lab, folder))
        assert type(refused.value) is error and "Fix:" in str(refused.value)
        for secret in (lab.password, lab.jump.password, lab.client_keys.passphrase):
            assert secret not in str(refused.value)

    with_lab(story, {"name": NAME, "dialect": dialect or ANY_LOGIN})


@pytest.mark.parametrize(
    "ask",
    [
        lambda lab, folder: options_for(lab),
        lambda lab, folder: options_for(lab, password=None, private_key_file=str(folder / "id_ed25519")),
        lambda lab, folder: options_for(
            lab,
            password=None,
            private_key_file=str(folder / "id_encrypted"),
            private_key_passphrase=lab.client_keys.passphrase,
        ),
        lambda lab, folder: options_for(lab, jump=jump(lab)),
        lambda lab, folder: options_for(lab, jump=jump(lab, password=None, private_key_file=str(folder / "id_jump"))),
    ],
    ids=["password", "key", "encrypted key", "jump host", "jump host by key"],
)
def test_options_with_which_the_log_in_succeeds(ask: Callable[[Lab, Path], SshOptions], folder: Path) -> None:
    check(ask, folder)


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
def test_both_password_methods(method: str, folder: Path) -> None:
    check(lambda lab, folder: options_for(lab), folder, {"auth": [method]})


def test_legacy_algorithms_are_used_only_if_allowed(folder: Path) -> None:
    legacy = {"legacy_ssh": True}
    check(lambda lab, folder: options_for(lab, legacy_algorithms=True), folder, legacy)
    named = "ansible_asyncos_legacy_algorithms"
    refuse = errors.NoCommonAlgorithm
    check_closed(lambda lab, folder: options_for(lab, legacy_algorithms=False), folder, refuse, named, legacy)


def known(lab: Lab, folder: Path, content: str) -> SshOptions:
    (folder / "known_hosts").write_text(content, encoding="utf-8")
    return options_for(lab, host_key_checking=True, known_hosts=(str(folder / "known_hosts"),))


def another_key(lab: Lab) -> str:
    """The jump host's key under the appliance's address."""
    key = lab.jump.known_hosts_line().split(" ", 1)[1]
    return f"[127.0.0.1]:{lab.appliances[NAME].port} {key}\n"


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda lab, folder: known(lab, folder, ""), errors.HostKeyUnknown, "not known in .*ssh-keyscan"),
        (
            lambda lab, folder: known(lab, folder, another_key(lab)),
            errors.HostKeyChanged,
            "the connection is intercepted",
        ),
        (lambda lab, folder: options_for(lab, password="no"), errors.LoginRefused, "ansible_password"),
        (lambda lab, folder: options_for(lab, port=1), errors.ConnectionRefused, "nothing listens on port 1"),
        (
            lambda lab, folder: options_for(lab, host="no-such-host.invalid"),
            errors.ConnectionRefused,
            "no-such-host.invalid cannot be resolved",
        ),
        (
            lambda lab, folder: options_for(lab, private_key_file=str(folder / "none")),
            errors.Unreachable,
            "there is no such file",
        ),
        (
            lambda lab, folder: options_for(lab, private_key_file=str(folder / "id_encrypted")),
            errors.Unreachable,
            "id_encrypted cannot be used.*ansible_private_key_passphrase",
        ),
        (
            lambda lab, folder: options_for(
                lab, private_key_file=str(folder / "id_encrypted"), private_key_passphrase="wrong"
            ),
            errors.Unreachable,
            "id_encrypted cannot be used.*ansible_private_key_passphrase",
        ),
        (
            lambda lab, folder: options_for(lab, jump=jump(lab, password="no")),
            errors.LoginRefused,
            "jump host 127.0.0.1",
        ),
        (
            lambda lab, folder: options_for(lab, jump=jump(lab, host_key_checking=True)),
            errors.HostKeyUnknown,
            "jump host 127.0.0.1",
        ),
    ],
    ids=[
        "unknown key",
        "changed key",
        "password",
        "port",
        "name",
        "no key file",
        "no passphrase",
        "wrong passphrase",
        "jump host password",
        "jump host key",
    ],
)
def test_options_with_which_the_log_in_fails(
    ask: Callable[[Lab, Path], SshOptions], error: type[errors.Unreachable], words: str, folder: Path
) -> None:
    check_closed(ask, folder, error, words)


def test_a_known_host_key_is_accepted(folder: Path) -> None:
    check(lambda lab, folder: known(lab, folder, lab.appliances[NAME].known_hosts_line() + "\n"), folder)


def test_a_transcript_holds_the_session_without_secrets(folder: Path) -> None:
    async def story(lab: Lab) -> None:
        token = await new_token(lab)
        outcome = await task(lab, "registered", token=token, transcript_dir=str(folder / "transcripts"))
        assert outcome.error is None
        (file,) = (folder / "transcripts").iterdir()
        assert re.fullmatch(r"esa1\.example\.com-[0-9TZ]+-\d+\.jsonl", file.name)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        text = file.read_text(encoding="utf-8")
        assert token not in text and lab.password not in text
        turns = [json.loads(line) for line in text.splitlines()]
        assert turns[0]["type"] == "login" and "AsyncOS" in turns[0]["text"]
        typed = [turn["text"] for turn in turns if turn["type"] == "typed"]
        assert "version" in typed and "REGISTER" in typed and MASK in typed and typed[-1] == "exit"

    with_lab(story, {"name": NAME})
