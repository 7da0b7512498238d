# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Record the refused log-ins of this run, over SSH and the REST API."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import logins
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError

UNAUTHORIZED = 401
ADDRESSES = ("inventory_hostname", "ansible_host", "ansible_ssh_host", "ansible_asyncos_host")
"""The variables that may hold the address at which SSH reaches the appliance."""


def folder_of_this_run() -> str:
    """Return the folder shared by all processes of this run. Ansible removes it with its temporary folder."""
    return os.path.join(C.DEFAULT_LOCAL_TMP, "emailsec.ctr-logins")


class ApiLogin:
    """Log-in to the REST API of one appliance. ``addresses`` are those at which SSH may reach it."""

    def __init__(
        self, name: str, host: str, port: int | None, user: str, password: str, addresses: Iterable[str]
    ) -> None:
        self._logins = logins.Logins(folder_of_this_run())
        self._name, self._host, self._port = name, host, str(port or 6443)
        self._user, self._password = user, password
        self._addresses = {host, *addresses}

    def refused_before(self) -> ApiError | None:
        """Return an error if this user and password were refused earlier in this run, or None."""
        if not any(past is not None and past.end == logins.REFUSED for past in self._pasts()):
            return None
        return ApiError(
            f"the user {self._user!r} may not log in: the log-in was refused earlier in this run and is not tried again, "
            "because accounts lock after a few failed log-ins",
            host=f"{self._host}:{self._port}",
            fix="check username and password.",
        )

    def note(self, path: str | None, http_status: int | None) -> None:
        """Record a refusal. ``path`` is method and path of the failed request."""
        log_in = str(path).startswith("POST ") and str(path).endswith("/login")
        if log_in and http_status == UNAUTHORIZED:
            refused = logins.Past(logins.REFUSED)
            self._logins.note(refused, *self._own())
            for address in self._addresses:
                self._logins.note(refused, *logins.over_http(self._name, address, self._user, self._password))

    def _pasts(self) -> list[logins.Past | None]:
        over_ssh = [logins.over_ssh(self._name, address, self._user, self._password) for address in self._addresses]
        return [self._logins.past(*login) for login in [self._own(), *over_ssh]]

    def _own(self) -> tuple[object, ...]:
        return ("api", self._host, self._port, self._user, self._password)


def log_in_of_task(action: ActionBase, task_vars: Mapping[str, Any] | None) -> ApiLogin:
    """Return the log-in of a task with the options C(host), C(port), C(username) and C(password)."""
    options, variables = action._task.args, task_vars or {}
    return ApiLogin(
        str(variables.get("inventory_hostname")),
        str(options.get("host")),
        options.get("port"),
        str(options.get("username")),
        str(options.get("password")),
        _addresses(action, variables),
    )


def _addresses(action: ActionBase, variables: Mapping[str, Any]) -> Iterator[str]:
    for name in ADDRESSES:
        if name in variables:
            # skip an address that cannot be evaluated; error classes differ between releases
            with contextlib.suppress(Exception):
                yield str(action._templar.template(variables[name]))
