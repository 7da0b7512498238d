# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task of esa_cloud_service against one appliance of a lab, over real SSH, without Ansible around it."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import (
    Outcome,
    Waiting,
    ensure,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import connect as ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of

NAME = "esa1.example.com"
SERVER = "api.eu.sse.itd.cisco.com"


def options_for(lab: Lab, name: str = NAME, **more: Any) -> SshOptions:
    appliance = lab.appliances[name]
    return SshOptions(
        **{
            "name": name,
            "host": "127.0.0.1",
            "port": appliance.port,
            "user": "admin",
            "password": lab.password,
            "host_key_checking": False,
            "legacy_algorithms": appliance.appliance.spec.dialect.legacy_ssh,
            "cluster_machine": name,
            **more,
        }
    )


async def new_token(lab: Lab) -> str:
    async with caller_of(lab, "europe") as cloud:
        return (await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "waiting"}))["token"]


async def task(lab: Lab, state: str, name: str = NAME, token: str | None = None, **options: Any) -> Outcome:
    """The outcome; an error before the state was read is in it too. A desired state of C(registered) is one for Europe."""
    desired = DesiredState(
        state, SERVER if state == "registered" else None, has_token=bool(token), commit_comment="why"
    )
    waiting = Waiting(options.pop("wait", 5), 0.02)
    try:
        async with ssh.open_session(options_for(lab, name, **options)) as session:
            return await ensure(session, desired, token, waiting, check=False)
    except AsyncOSError as error:
        return Outcome(before=None, after=None, error=error)  # type: ignore[arg-type]


def state_of(lab: Lab, name: str = NAME) -> dict[str, Any]:
    """What is committed on the appliance, and whether it is registered."""
    box = lab.appliances[name].appliance
    return {
        "enabled": box.committed["enabled"],
        "server": box.committed["server"],
        "registered": box.registered,
    }
