# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/probe.schema.json describes exactly the fields of the document."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from ansible_collections.emailsec.ctr.plugins.module_utils._probe import model
from tests.samples import probe_document as probe

SCHEMA = json.loads((Path(__file__).parents[5] / "docs" / "probe.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
ADDED = {"schema_version", "kind", "counts"}
PLACES = {
    "appliances": model.ApplianceProbe,
    "appliances.screens": model.ScreenRead,
    "appliances.failure": model.Failure,
    "regions": model.RegionProbe,
    "regions.failure": model.Failure,
    "regions.calls": model.CallRead,
    "regions.calls.failure": model.Failure,
    "apis": model.RegionProbe,
    "assumptions": model.Checked,
    "proposals": model.Proposal,
    "remaining": model.Remaining,
}


def at(place: str) -> dict[str, Any]:
    """Return the description of the objects at this place."""
    inner = SCHEMA
    for name in place.split("."):
        inner = inner["properties"][name]
        inner = inner.get("items", inner)
        inner = inner["anyOf"][0] if "anyOf" in inner else inner
    return inner


@pytest.mark.parametrize("document", [probe.usual(), probe.clean(), probe.empty()])
def test_a_document_matches_the_schema(document) -> None:
    data = json.loads(json.dumps(document.as_json()))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize("place", PLACES)
def test_each_object_has_exactly_the_fields_of_its_class(place) -> None:
    fields = [field.name for field in dataclasses.fields(PLACES[place])]
    assert list(at(place)["properties"]) == at(place)["required"] == fields
    assert at(place)["additionalProperties"] is False


def test_the_document_has_exactly_the_fields_of_its_class() -> None:
    fields = {field.name for field in dataclasses.fields(model.ProbeDocument)} | ADDED
    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == fields
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["properties"]["schema_version"]["const"] == model.SCHEMA_VERSION


def test_all_dataclasses_of_the_model_are_described() -> None:
    classes = {one for one in vars(model).values() if dataclasses.is_dataclass(one)}
    assert classes == {*PLACES.values(), model.ProbeDocument}


def test_the_verdicts_agree() -> None:
    verdicts = [verdict.value for verdict in model.Verdict]
    assert at("assumptions")["properties"]["verdict"]["enum"] == verdicts
    assert list(at("counts")["properties"]) == at("counts")["required"] == list(probe.usual().counts()) == verdicts


@pytest.mark.parametrize("place", ["counts", *PLACES])
def test_another_key_is_refused(place) -> None:
    data = probe.usual().as_json()
    inner: Any = data
    for name in place.split("."):
        found = [one[name] for one in (inner if isinstance(inner, list) else [inner]) if one[name]]
        inner = [each for one in found for each in (one if isinstance(one, list) else [one])]
    inner[0]["serial"] = "564D"
    assert any("serial" in str(leaf) for leaf in VALIDATOR.iter_errors(data))
