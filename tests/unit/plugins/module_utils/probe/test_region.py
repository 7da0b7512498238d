# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe keeps of the answers of a region is masked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer
from ansible_collections.emailsec.ctr.plugins.module_utils._probe import region
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, Secrets


def test_an_answer_that_repeats_a_secret_is_kept_masked() -> None:
    client: Any = SimpleNamespace(secrets=Secrets("pw"))
    answer: Any = SimpleNamespace(
        json=lambda _secrets: [{"title": "a pw b", "pw": 1}], status=200, body=b"", headers={}
    )
    call = region._call(cast(IrohClient, client), region.TYPES, lambda: cast(Answer, answer))
    assert call.data == [{"title": f"a {MASK} b", MASK: 1}]
