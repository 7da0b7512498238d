# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that a later task masks: those of regions and groups first, and a limited number."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, OF_RUN, forget, known
from ansible_collections.emailsec.ctr.plugins.plugin_utils._run_secrets import (
    MOST,
    know_secrets_of_play,
    know_secrets_of_task,
    packed_secrets,
)

REGIONS = {"europe": {"client_id": "client-1", "client_password": "Of-the-region-1"}}
HOSTS = {
    f"esa{number}.example.com": {"esa_ctr_api_password": f"Of-one-host-{number}", "esa_ctr_regions": REGIONS}
    for number in range(2 * MOST)
}


@pytest.fixture
def task():
    return SimpleNamespace(_task=SimpleNamespace(args={"registration_token": "Of-this-task-1"}), _templar=None)


def test_a_later_task_knows_the_regions_first_and_a_limited_number(task) -> None:
    know_secrets_of_play(HOSTS, ["Of-the-portal-1"])
    assert len(known()) > 2 * MOST
    packed = packed_secrets()
    forget()
    tokens = {f"esa{number}": f"Of-a-registration-{number}" for number in range(2 * MOST)}
    know_secrets_of_task(task, {"esa_ctr__plan": {"secrets": packed}, "esa_ctr__registrations": {"tokens": tokens}})
    assert len(known()) == 2 * MOST + 1, "the plan, the registrations, and the task's own"
    assert OF_RUN.mask("Of-the-region-1, Of-this-task-1") == f"{MASK}, {MASK}"


def test_a_user_may_have_a_variable_of_that_name(task) -> None:
    know_secrets_of_task(task, {"esa_ctr__plan": "text", "esa_ctr__registrations": {"tokens": "text"}})
    assert known() == ["Of-this-task-1"]
