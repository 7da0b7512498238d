# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential type and the survey for an automation controller match the variables of the role."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.unit.consistency.support import text_of, yaml_of

FOLDER = "docs/controller"


def document(name: str) -> dict[str, Any]:
    return dict(json.loads(text_of(f"{FOLDER}/{name}")))


def role_options() -> dict[str, Any]:
    return dict(yaml_of("roles/esa_ctr_integration/meta/argument_specs.yml")["argument_specs"]["main"]["options"])


def test_every_field_of_the_credential_is_injected_once() -> None:
    credential = document("credential-type.json")
    fields = [field["id"] for field in credential["inputs"]["fields"]]
    injected = credential["injectors"]["extra_vars"]
    used = [name for value in injected.values() for name in re.findall(r"\{\{ (\w+) \}\}", value)]
    assert sorted(used) == sorted(fields)
    assert [field["id"] for field in credential["inputs"]["fields"] if field.get("secret")] == [
        name for name in fields if name.endswith("password")
    ]
    assert not [name for name in injected if name.startswith("esa_ctr_")], "the role refuses unknown variables"


def test_the_guide_uses_the_injected_variables() -> None:
    injected = document("credential-type.json")["injectors"]["extra_vars"]
    used = set(re.findall(r"emailsec_ctr_\w+", text_of("docs/automation-controller.md"))) - {"emailsec_ctr_drift"}
    assert used and used <= set(injected)


def test_the_survey_asks_for_variables_of_the_role_with_their_defaults() -> None:
    options = role_options()
    for question in document("survey-rollout.json")["spec"]:
        option = options[question["variable"]]
        default = option["default"]
        shown = ",".join(map(str, default)) if isinstance(default, list) else str(default).lower()
        assert question["default"] == shown, question["variable"]
        if option.get("choices"):
            assert question["choices"] == option["choices"]
