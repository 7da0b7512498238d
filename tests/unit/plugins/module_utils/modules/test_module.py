# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module knows its secrets before its work, in a process of its own and in an action."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._modules import module
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import known

SECRET = "S3cret-of/europe-1"
SPEC = {"password": {"type": "str", "no_log": True}}


class _Process:
    """An AnsibleModule that got its options."""

    no_log_values = frozenset({SECRET})

    def __init__(self, **_how: Any) -> None:
        pass

    def exit_json(self, **result: Any) -> None:
        assert result == {"known": [SECRET]}


def test_the_process_of_a_module_knows_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AnsibleModule", _Process)
    assert known() == []
    module.Module(SPEC, lambda _task: {"known": known()}).main()
    assert known() == [SECRET]


def test_an_action_knows_the_secrets_of_its_module() -> None:
    ran = module.Module(SPEC, lambda _task: {"known": known()})
    assert ran.result({"password": SECRET}, check_mode=False) == {"known": [SECRET]}
