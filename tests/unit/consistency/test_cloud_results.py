# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every cloud module documents the common results of cloud_result in the same words."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._modules.cloud import spent
from tests.unit.consistency.support import text_of, yaml_of

MODULES = sorted(yaml_of("meta/runtime.yml")["action_groups"]["cloud"])


def returns_of(module: str) -> dict[str, dict[str, object]]:
    """Return the RETURN block of a module, which is named with or without the collection."""
    text = text_of(f"plugins/modules/{module.rpartition('.')[2]}.py")
    return yaml.safe_load(text.split('RETURN = r"""')[1].split('"""')[0])


@pytest.mark.parametrize("module", MODULES)
def test_the_cost_of_a_task_is_documented_in_the_same_words(module: str) -> None:
    for key in spent(None):
        assert returns_of(module)[key] == returns_of("sse_token")[key], key
        assert returns_of(module)[key]["returned"] == "always"


@pytest.mark.parametrize("module", MODULES)
def test_the_parts_of_a_failure_are_documented(module: str) -> None:
    assert set(ApiError("x").as_result()) - {"msg"} - set(returns_of(module)) == set()
