# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One SSH connection to an appliance: users and log-in methods (C)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import asyncssh

from tests.lab.appliance.ssh_session import SshSession
from tests.lab.client_keys import accepts
from tests.lab.listener import Connection

if TYPE_CHECKING:
    from tests.lab.appliance.ssh_server import ApplianceServer

USER = "admin"


class Login(Connection):
    """One connection: a log-in with password, keyboard-interactive or public key, then sessions."""

    def __init__(self, server: ApplianceServer) -> None:
        super().__init__(server)
        self.server = server
        self.dialect = server.appliance.spec.dialect
        self.passcode_asked = False
        self.passcode_failed = False

    def begin_auth(self, username: str) -> bool:
        if self.dialect.banner and self.connection:
            self.connection.send_auth_banner(self.dialect.banner.rstrip("\n") + "\n")
        return True

    def password_auth_supported(self) -> bool:
        return "password" in self.dialect.auth and not self._asks_for_passcode()

    def validate_password(self, username: str, password: str) -> bool:
        good = hmac.compare_digest(password.encode(), self.server.password.encode())
        accepted = username == USER and good and not self.passcode_failed
        self.server.appliance.failed_logins += not accepted
        return accepted

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self.dialect.auth or self._asks_for_passcode()

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> asyncssh.KbdIntChallenge:
        self.passcode_asked = False
        return "", "", lang, [("Password:", False)]

    def validate_kbdint_response(self, username: str, responses: asyncssh.KbdIntResponse) -> asyncssh.KbdIntChallenge:
        if self.passcode_asked:
            spec = self.server.appliance.spec
            self.server.recorder.cli(spec.name, spec.region, " ".join(responses), "login")
            self.passcode_failed = True
            return False
        good = len(responses) == 1 and self.validate_password(username, responses[0])
        if good and self._asks_for_passcode():
            self.passcode_asked = self.server.appliance.refuse("two_factor")
            return "", "", "", [("Passcode:", False)]
        return good

    def _asks_for_passcode(self) -> bool:
        return self.dialect.two_factor_at != "login" and self.server.appliance.refusing("two_factor")

    def public_key_auth_supported(self) -> bool:
        return "publickey" in self.dialect.auth and not self._asks_for_passcode()

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and accepts(self.server.client_keys, key)

    def auth_completed(self) -> None:
        self.server.appliance.logins += 1

    def session_requested(self) -> asyncssh.SSHServerSession:
        return SshSession(self.server)
