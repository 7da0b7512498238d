# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Options of C(esa_cloud_service), and the desired state that they describe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

from .plan import DESIRED_STATES, DISABLED, DesiredState

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "choices": list(DESIRED_STATES), "default": "enabled"},
    "region": {"type": "str"},
    "server": {"type": "str"},
    "registration_token": {"type": "str", "no_log": True},
    "commit_comment": {"type": "str", "default": "emailsec.ctr"},
    "wait_timeout": {"type": "float", "default": 300.0},
    "wait_interval": {"type": "float", "default": 5.0},
    "allow_reregistration": {"type": "bool", "default": False},
    "profile": {"type": "dict"},
    "assumed_state": {"type": "dict"},
    "token_renewal": {"type": "dict"},
}
MUTUALLY_EXCLUSIVE = [["region", "server"]]

_TOKEN = re.compile(r"[0-9a-f]{32}")
_FQDN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_COMMENT = re.compile(r"[ -~]{0,200}")


def check_options(options: Mapping[str, Any]) -> str | None:
    """Return the first error in the values with its fix, or None. Never show the token."""
    token = options["registration_token"]
    if token is not None and not _TOKEN.fullmatch(token):
        return (
            "registration_token is not 32 lower-case hexadecimal characters. Fix: copy the token from the SSE portal, or "
            "issue it with emailsec.ctr.sse_token; do not use the smart licensing token."
        )
    if options["region"] is not None and options["region"] not in all_regions():
        return f"region {options['region']!r} is unknown. Fix: use one of {', '.join(all_regions())}, or define it in a profile."
    if options["server"] is not None and not _FQDN.fullmatch(options["server"].lower()):
        return (
            f"server {options['server']!r} is not a fully qualified domain name. "
            f"Fix: set region ({', '.join(all_regions())}), or use an FQDN from the appliance's list of servers."
        )
    if not _COMMENT.fullmatch(options["commit_comment"]):
        return "commit_comment is not one line of at most 200 ASCII characters. Fix: shorten it, or remove other characters."
    fault = seconds_fault(options, "wait_timeout", "wait_interval")
    return message(None, *fault) if fault else None


def desired_state_of(options: Mapping[str, Any]) -> DesiredState:
    server = options["server"].lower() if options["server"] else None
    if options["region"]:
        server = all_regions()[options["region"]].appliance_server
    return DesiredState(
        state=options["state"],
        server=None if options["state"] in (DISABLED, "unregistered") else server,
        has_token=options["registration_token"] is not None,
        allow_reregistration=options["allow_reregistration"],
        commit_comment=options["commit_comment"],
    )
