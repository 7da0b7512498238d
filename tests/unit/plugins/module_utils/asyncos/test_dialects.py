# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever dialect an appliance speaks: it converges, or is refused with a clear error and nothing has changed.

C(DIALECTS) in the environment says how many combinations are drawn; with more than the usual number they are random.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos import ssh
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.apply import Outcome, Waiting, ensure
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.plan import Wish
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh_options import SshOptions
from tests.lab.lab import Lab
from tests.unit.lab.clients import caller_of, with_lab
from tests.unit.plugins.module_utils.asyncos.dialects import NAME, appliances

USUAL = 200
COMBINATIONS = int(os.environ.get("DIALECTS", USUAL))
SERVER = "api.eu.sse.itd.cisco.com"
OUTCOMES: Counter[str] = Counter()


@settings(
    max_examples=COMBINATIONS,
    deadline=None,
    derandomize=COMBINATIONS <= USUAL,
    suppress_health_check=list(HealthCheck),
)
@given(appliances())
def test_every_dialect_converges_or_is_refused_without_a_change(appliance: dict[str, Any]) -> None:
    async def story(lab: Lab) -> None:
        before = state_of(lab)
        first = await task(lab, "registered")
        if first.error is not None:
            refused(appliance, first.error)
            assert state_of(lab) == before, first.error
            return
        OUTCOMES["converged"] += 1
        assert state_of(lab) == {"enabled": True, "server": SERVER, "registered": True}
        again = await task(lab, "registered")
        assert (again.steps, again.error) == ([], None)
        last = await task(lab, "disabled")
        if last.error is not None:
            refused(appliance, last.error)
            assert state_of(lab)["enabled"] is True
            return
        assert (await task(lab, "disabled")).steps == []
        assert state_of(lab)["enabled"] is False and state_of(lab)["registered"] is False

    with_lab(story, appliance)


def refused(appliance: dict[str, Any], error: AsyncOSError) -> None:
    """Only these dialects make it impossible, and each is named."""
    dialect = appliance["dialect"]
    assert NAME in str(error) and "Remedy:" in str(error)
    if dialect.get("prompt") == "disconnected":
        reason = "disconnected"
        assert "is disconnected from its cluster" in error.problem
    elif SERVER not in " ".join(dialect.get("servers", [SERVER])):
        reason = "server not offered"
        assert "does not offer the server" in error.problem
    else:
        assert dialect.get("discard_question"), error
        reason = "commit would discard"
        assert "discard the changes" in error.problem
    OUTCOMES[f"refused: {reason}"] += 1


async def task(lab: Lab, state: str) -> Outcome:
    """One task of esa_cloud_service; an error before the state was read is in the outcome too."""
    token = None
    async with caller_of(lab, "europe") as cloud:
        devices = await cloud.expect(200, "GET", "/iroh/iroh-sse/device")
        if state == "registered" and not any(device["status"] == "Registered" for device in devices):
            token = (await cloud.expect(201, "POST", "/iroh/iroh-sse/device", {"name": "waiting"}))["token"]
    wish = Wish(state, SERVER if state == "registered" else None, has_token=bool(token), commit_comment="why")
    appliance = lab.appliances[NAME]
    options = SshOptions(
        name=NAME,
        host="127.0.0.1",
        port=appliance.port,
        user="admin",
        password=lab.password,
        host_key_checking=False,
        legacy_algorithms=appliance.appliance.spec.dialect.legacy_ssh,
        cluster_machine=NAME,
    )
    try:
        async with ssh.open_session(options) as session:
            return await ensure(session, wish, token, Waiting(5, 0.02), check=False)
    except AsyncOSError as error:
        return Outcome(before=None, after=None, error=error)  # type: ignore[arg-type]


def state_of(lab: Lab) -> dict[str, Any]:
    """What is committed on the appliance, and whether it is registered."""
    box = lab.appliances[NAME].appliance
    return {
        "enabled": box.committed["enabled"],
        "server": box.committed["server"],
        "registered": box.registered,
    }


def test_the_draw_has_met_every_outcome() -> None:
    """Runs after the draw; its report is the closing figure of a soak."""
    print(f"\n{sum(OUTCOMES.values())} combinations: {dict(OUTCOMES.most_common())}")
    assert set(OUTCOMES) == {
        "converged",
        "refused: disconnected",
        "refused: server not offered",
        "refused: commit would discard",
    }
