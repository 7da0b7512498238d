# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default settings of Hypothesis, and no secrets of the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import forget
from tests.unit.examples import examples

settings.register_profile("unit", examples(100))
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def _no_secrets_of_a_run() -> Iterator[None]:
    yield
    forget()
