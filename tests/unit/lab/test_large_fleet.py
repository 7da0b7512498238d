# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet of 200 generated appliances starts and answers in parallel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import yaml

import tests.lab
from tests.lab.lab import Lab
from tests.unit.lab.clients import connection, with_lab

MANY = Path(tests.lab.__file__).parent / "fleets" / "many.yml"


def test_200_appliances_answer_in_parallel() -> None:
    async def ask(lab: Lab, name: str) -> str:
        async with connection(lab, name) as conn:
            return str((await conn.run("version")).stdout)

    async def story(lab: Lab) -> None:
        answers = await asyncio.gather(*(ask(lab, name) for name in lab.appliances))
        assert len(answers) == 200
        assert all("Serial #: " in answer for answer in answers)
        assert len({server.port for server in lab.appliances.values()}) == 200
        assert len(lab.recorder.calls) == 200

    with_lab(story, generate=yaml.safe_load(MANY.read_text(encoding="utf-8"))["generate"])
