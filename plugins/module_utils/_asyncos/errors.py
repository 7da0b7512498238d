# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What can go wrong between us and an appliance; each error names host, thing and fix."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message, shown


class AsyncOSError(Exception):
    """Base of the family.

    ``host`` is how the user knows the appliance, ``problem`` what happened, ``fix`` the next step, ``screen`` the
    last output of the appliance with secrets masked (empty where there was none).
    """

    def __init__(self, host: str, problem: str, fix: str, screen: str = "") -> None:
        self.host = host
        self.problem = problem
        self.fix = fix
        self.screen = screen
        super().__init__(str(self))

    def __str__(self) -> str:
        text = message(self.host, self.problem, self.fix)
        if self.screen:
            text += f" The appliance's last output was: {self.screen!r}"
        return shown(text)


class Unreachable(AsyncOSError):
    """No usable CLI session: Ansible reports the host as UNREACHABLE."""


class HostKeyRevoked(Unreachable):
    """The appliance shows an SSH host key that the known_hosts files revoke."""


class HostKeyUnknown(Unreachable):
    """The appliance's SSH host key is not in the known_hosts files."""


class HostKeyChanged(Unreachable):
    """The appliance shows another SSH host key than the known_hosts files hold."""


class LoginRefused(Unreachable):
    """The appliance did not accept the user with this password or key, now or earlier in this run."""


class ConnectionRefused(Unreachable):
    """Nothing listens at the address, or it cannot be reached."""


class NoCommonAlgorithm(Unreachable):
    """Both sides have no SSH algorithm in common; typical of old releases."""


class NotSSH(Unreachable):
    """Something listens at the address, but it does not speak SSH."""


class NotAsyncOS(Unreachable):
    """Something answered SSH, but it is not an AsyncOS command line."""


class SessionLost(Unreachable):
    """The appliance ended the session, or stopped answering, in the middle of the dialogue."""


class UnexpectedScreen(AsyncOSError):
    """The appliance showed a text that the table of screens does not know at this place."""


class CommandRefused(AsyncOSError):
    """The appliance understood and said no."""


class Refusal(AsyncOSError):
    """We do not do it: the planner found a reason before anything was written."""


class NotConfirmed(AsyncOSError):
    """The steps were taken, but the appliance does not show the wanted state (yet)."""
