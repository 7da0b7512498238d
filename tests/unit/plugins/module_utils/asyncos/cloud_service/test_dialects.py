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

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.apply import Outcome
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from tests.lab.lab import Lab
from tests.unit.lab.clients import with_lab
from tests.unit.plugins.module_utils.asyncos.dialects import appliances
from tests.unit.plugins.module_utils.asyncos.person import NAME, SERVER, new_token, state_of, task

USUAL = 200
FEW = 24
COMBINATIONS = int(os.environ.get("DIALECTS", USUAL))
GENERATIONS = (1, 2, 3, 4)
OUTCOMES = {
    "converged",
    "refused: disconnected",
    "refused: numbered menu",
    "refused: server not offered",
    "refused: commit would discard",
}


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("combinations", [FEW, COMBINATIONS], ids=["few", "all"])
def test_every_dialect_converges_or_is_refused_without_a_change(combinations: int, generation: int) -> None:
    met: Counter[str] = Counter()

    @settings(
        max_examples=combinations // len(GENERATIONS),
        deadline=None,
        derandomize=combinations <= USUAL,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(appliances(generation))
    def draw(appliance: dict[str, Any]) -> None:
        with_lab(lambda lab: onboard_again_and_remove(lab, appliance, met), appliance)

    draw()
    print(f"\ngeneration {generation}: {sum(met.values())} combinations, {dict(met.most_common())}")
    assert "converged" in met and set(met) <= OUTCOMES


async def onboard_again_and_remove(lab: Lab, appliance: dict[str, Any], met: Counter[str]) -> None:
    before = state_of(lab)
    first = await registered(lab)
    if first.error is not None:
        met[refused(appliance, first.error)] += 1
        assert state_of(lab) == before, first.error
        return
    assert state_of(lab) == {"enabled": True, "server": SERVER, "registered": True}
    again = await registered(lab)
    assert (again.steps, again.error) == ([], None)
    removal = await task(lab, "disabled")
    if removal.error is not None:
        met[refused(appliance, removal.error)] += 1
        assert state_of(lab)["enabled"] is True
        return
    assert (await task(lab, "disabled")).steps == []
    assert state_of(lab)["enabled"] is False and state_of(lab)["registered"] is False
    met["converged"] += 1


async def registered(lab: Lab) -> Outcome:
    done = lab.appliances[NAME].appliance.registered
    return await task(lab, "registered", token=None if done else await new_token(lab))


def refused(appliance: dict[str, Any], error: AsyncOSError) -> str:
    """The reason; only these dialects make it impossible, and each is named."""
    dialect = appliance["dialect"]
    assert NAME in str(error) and "Fix:" in str(error)
    if dialect.get("prompt") == "disconnected":
        reason = "disconnected"
        assert "is disconnected from its cluster" in error.problem
    elif dialect.get("menu_style") == "numbered":
        reason = "numbered menu"
        assert "unexpected output" in error.problem
    elif SERVER not in " ".join(dialect.get("servers", [SERVER])):
        reason = "server not offered"
        assert "does not offer the server" in error.problem
    else:
        assert dialect.get("discard_question"), error
        reason = "commit would discard"
        assert "discard the changes" in error.problem
    return f"refused: {reason}"
