# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Record the refused log-ins of this run, over SSH and the REST API."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants as C
from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import logins
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

UNAUTHORIZED = 401
ADDRESSES = ("inventory_hostname", "ansible_host", "ansible_ssh_host", "ansible_asyncos_host")
"""The variables that may hold the address at which SSH reaches the appliance."""


def folder_of_this_run() -> str:
    """Return the folder shared by all processes of this run. Ansible removes it with its temporary folder."""
    return os.path.join(C.DEFAULT_LOCAL_TMP, "emailsec.ctr-logins")


class ApiLogin:
    """Log-in of one task to an appliance's REST API, with its options C(host), C(port), C(username) and C(password)."""

    def __init__(self, action: ActionBase, task_vars: Mapping[str, Any] | None) -> None:
        options, variables = action._task.args, task_vars or {}
        self._logins = logins.Logins(folder_of_this_run())
        self._host = str(options.get("host"))
        self._port = str(options.get("port") or 6443)
        self._user, self._password = str(options.get("username")), str(options.get("password"))
        self._name = str(variables.get("inventory_hostname"))
        self._addresses = {self._host, *_addresses(action, variables)}

    def refused_before(self) -> dict[str, Any] | None:
        """Return a failed result if this user and password were refused earlier in this run, or None."""
        if not any(past is not None and past.end == logins.REFUSED for past in self._pasts()):
            return None
        fix = "check username and password."
        problem = (
            f"the user {self._user!r} may not log in: the log-in was refused earlier in this run and is not tried again, "
            "because accounts lock after a few failed log-ins"
        )
        return {
            "failed": True,
            "msg": message(f"{self._host}:{self._port}", problem, fix),
            "problem": problem,
            "fix": fix,
            "remedy": fix,
            "error": None,
            "error_description": None,
            "http_status": None,
            "path": None,
            "api_calls": 0,
        }

    def note(self, result: Mapping[str, Any]) -> None:
        """Record a refusal."""
        log_in = str(result.get("path")).startswith("POST ") and str(result.get("path")).endswith("/login")
        if result.get("failed") and log_in and result.get("http_status") == UNAUTHORIZED:
            refused = logins.Past(logins.REFUSED)
            self._logins.note(refused, *self._own())
            for address in self._addresses:
                self._logins.note(refused, *logins.over_http(self._name, address, self._user, self._password))

    def _pasts(self) -> list[logins.Past | None]:
        over_ssh = [logins.over_ssh(self._name, address, self._user, self._password) for address in self._addresses]
        return [self._logins.past(*login) for login in [self._own(), *over_ssh]]

    def _own(self) -> tuple[object, ...]:
        return ("api", self._host, self._port, self._user, self._password)


def _addresses(action: ActionBase, variables: Mapping[str, Any]) -> Iterator[str]:
    for name in ADDRESSES:
        if name in variables:
            # skip an address that cannot be evaluated; error classes differ between releases
            with contextlib.suppress(Exception):
                yield str(action._templar.template(variables[name]))
