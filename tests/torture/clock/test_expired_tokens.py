# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registration token that expires in the queue of a wave is replaced by a new one, once; no appliance fails for it."""

from __future__ import annotations

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import TOKEN, Lab
from tests.integration.support.two_runs import rows_of
from tests.torture.conftest import Tally

NAMES = [f"e{number}.example.com" for number in range(1, 5)]
FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.05},
    "appliances": [
        {"name": name, "region": "europe", "initial": {"enabled": True, "region": "europe"}} for name in NAMES
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=10")


def tokens_of(lab: Lab, name: str) -> list[str]:
    return [line for line in lab.typed(name) if TOKEN.fullmatch(line)]


@pytest.mark.parametrize("playbook", ["onboard", "rollout"])
def test_tokens_that_expire_in_the_queue(lab: Lab, ansible: Ansible, tally: Tally, playbook: str) -> None:
    lab.switch(region="europe", set={"token_seconds": 8})
    # The tokens wait until the answer to the last one comes.
    lab.fault("hold", method="POST", path_regex=".*/device", acts=True, skip=len(NAMES) - 1, seconds=9)
    waves = ("-e", '{"esa_ctr_waves": ["100%"]}') if playbook == "rollout" else ()
    run = ansible.playbook(f"emailsec.ctr.{playbook}", *QUICK, *waves)
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    rows = rows_of(run)
    for name in NAMES:
        assert lab.is_onboarded(name, "europe")
        assert len(tokens_of(lab, name)) == 2, "the expired token and the new one"
        assert "the registration token expired before it was used" in rows[name]["detail"]
        assert "another run" not in rows[name]["detail"]
    tally.cases(len(NAMES))


def test_tokens_that_always_expire_are_replaced_once(lab: Lab, ansible: Ansible, tally: Tally) -> None:
    lab.switch(region="europe", set={"token_seconds": 0})
    run = ansible.playbook("emailsec.ctr.onboard", *QUICK)
    assert run.bad_hosts() == set(NAMES), run.output
    assert all(len(tokens_of(lab, name)) == 2 for name in NAMES)
    assert "choose a longer lifetime" in run.output and "Another run" not in run.output
    tally.cases(len(NAMES))
