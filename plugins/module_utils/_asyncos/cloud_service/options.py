# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The options of C(esa_cloud_service), and from options to a desired."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault

from .plan import DESIRED_STATES, DISABLED, DesiredState

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": list(DESIRED_STATES), "default": "enabled"},
    "region": {"type": "str", "choices": list(REGIONS)},
    "server": {"type": "str"},
    "registration_token": {"type": "str", "no_log": True},
    "commit_comment": {"type": "str", "default": "emailsec.ctr"},
    "wait_timeout": {"type": "float", "default": 300.0},
    "wait_interval": {"type": "float", "default": 5.0},
    "allow_reregistration": {"type": "bool", "default": False},
    "assumed_state": {"type": "dict"},
}
MUTUALLY_EXCLUSIVE = [["region", "server"]]

_TOKEN = re.compile(r"[0-9a-f]{32}")
_FQDN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_COMMENT = re.compile(r"[ -~]{0,200}")


def check_options(options: Mapping[str, Any]) -> str | None:
    """What is wrong with the values, with the fix, or None. Never shows the token."""
    token = options["registration_token"]
    if token is not None and not _TOKEN.fullmatch(token):
        return (
            "registration_token is not 32 lower-case hexadecimal characters. Fix: copy the token again from the SSE "
            "portal, or let emailsec.ctr.sse_token issue one; it is not the smart-licence token."
        )
    if options["server"] is not None and not _FQDN.fullmatch(options["server"].lower()):
        return (
            f"server {options['server']!r} is not a fully qualified domain name. "
            f"Fix: use region ({', '.join(REGIONS)}), or the FQDN of the list on the appliance."
        )
    if not _COMMENT.fullmatch(options["commit_comment"]):
        return "commit_comment is longer than 200 characters or not one line of plain ASCII. Fix: shorten it."
    fault = seconds_fault(options, "wait_timeout", "wait_interval")
    return f"{fault}. Fix: give 0 or more." if fault else None


def desired_state_of(options: Mapping[str, Any]) -> DesiredState:
    server = options["server"].lower() if options["server"] else None
    if options["region"]:
        server = REGIONS[options["region"]].appliance_server
    return DesiredState(
        state=options["state"],
        server=None if options["state"] in (DISABLED, "unregistered") else server,
        has_token=options["registration_token"] is not None,
        allow_reregistration=options["allow_reregistration"],
        commit_comment=options["commit_comment"],
    )
