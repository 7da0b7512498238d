# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A profile applies inside its block, also in tasks and threads that begin there."""

from __future__ import annotations

import asyncio

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import NO_PROFILE, Profile, active
from ansible_collections.emailsec.ctr.plugins.module_utils._threads import in_thread
from tests.samples.profiles import applied

PROFILE = Profile(list_in="devices")


def test_a_profile_ends_with_its_block() -> None:
    with applied(PROFILE):
        assert active() is PROFILE
    assert active() is NO_PROFILE


def test_tasks_and_threads_that_begin_inside_have_the_profile() -> None:
    async def seen() -> list[Profile]:
        async def task() -> Profile:
            return active()

        return [await asyncio.ensure_future(task()), await in_thread(active)]

    with applied(PROFILE):
        assert asyncio.run(seen()) == [PROFILE, PROFILE]
