# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Errors of a session with an appliance. Each names the host, the problem and the fix."""

from __future__ import annotations

from typing import TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message, shown

Error = TypeVar("Error", bound="AsyncOSError")


class AsyncOSError(Exception):
    """Base class. ``host`` is the name in the inventory, ``problem`` what is wrong, ``fix`` what to do.

    ``screen`` is the last output of the appliance with secrets masked, or an empty string.
    """

    timed_out = False
    """Whether the error is known only after a time-out."""

    def __init__(self, host: str, problem: str, fix: str, screen: str = "") -> None:
        self.host = host
        self.problem = problem
        self.fix = fix
        self.screen = screen
        super().__init__(str(self))

    def after_time_out(self: Error) -> Error:
        """Return this error, marked as known only after a time-out."""
        self.timed_out = True
        return self

    def __str__(self) -> str:
        text = message(self.host, self.problem, self.fix)
        if self.screen:
            text += f" The appliance's last output was: {self.screen!r}"
        return shown(text)


class Unreachable(AsyncOSError):
    """No usable CLI session: Ansible reports the host as UNREACHABLE."""


class HostKeyRevoked(Unreachable):
    """The appliance's SSH host key is revoked in the known_hosts files."""


class HostKeyUnknown(Unreachable):
    """The appliance's SSH host key is not in the known_hosts files."""


class HostKeyChanged(Unreachable):
    """The appliance's SSH host key differs from the one in the known_hosts files."""


class LoginRefused(Unreachable):
    """The appliance rejected the user with this password or key, now or earlier in this run."""


class ConnectionRefused(Unreachable):
    """The address cannot be reached, or nothing listens on the port."""


class NoCommonAlgorithm(Unreachable):
    """Client and server share no SSH algorithm; typical of old releases."""


class NotSSH(Unreachable):
    """The service at the address is not SSH."""


class NotAsyncOS(Unreachable):
    """The SSH server is not an AsyncOS command line."""


class SessionLost(Unreachable):
    """The appliance ended the session before the task was done."""


class UnexpectedScreen(AsyncOSError):
    """The appliance showed a screen that is unknown or unexpected at this step."""


class CommandRefused(AsyncOSError):
    """The appliance refused a command."""


class TokenRefused(CommandRefused):
    """The appliance refused the registration token: it is unknown, used, replaced or expired."""


class NothingCommitted(CommandRefused):
    """The appliance had nothing to commit."""


class NotOffered(UnexpectedScreen):
    """The menu does not offer an operation that it offered when the state was read."""


class Refusal(AsyncOSError):
    """The planner refuses the change before anything is written."""


class NotConfirmed(AsyncOSError):
    """The steps were taken, but the appliance does not show the desired state (yet)."""
