# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe keeps of the screens of an appliance is masked."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen
from ansible_collections.emailsec.ctr.plugins.module_utils._probe import appliance
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets


def test_a_screen_that_repeats_a_secret_is_kept_masked() -> None:
    async def send(_line: str) -> Screen:
        return Screen("Model: pw", at_prompt=True)

    session: Any = SimpleNamespace(secrets=Secrets("pw"), send=send)
    walked = appliance.Walk("esa1.example.com", "europe")
    asyncio.run(appliance._send(session, walked, "version", "version"))
    assert walked.step("version").screen.text == f"Model: {MASK}"
