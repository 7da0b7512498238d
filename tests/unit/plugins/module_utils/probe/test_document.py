# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document of a probe is safe to share, and valid."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from tests.samples.probe import UUID, device, document_of, findings, hostile, region, walk
from tests.tools import probe_schema


@pytest.mark.parametrize(
    "value",
    [
        "berlin01",
        "rome02",
        "paris",
        UUID,
        "0b54ba8d",
        "192.0.2.7",
        "10.1.2.3",
        "10.9.8.7",
        "jane.doe",
        "Mail of Jane Doe",
        "564D2A9F3B1C",
        "secret-site",
    ],
)
def test_hostile_values_are_not_in_the_document(value: str) -> None:
    text = json.dumps(document_of(hostile()).as_json(), ensure_ascii=False).lower()
    assert value.lower() not in text


def test_words_are_in_the_document() -> None:
    text = json.dumps(document_of(hostile()).as_json())
    for word in ("connectorVersion", "Registered", "configuration_spec.key", "api.eu.sse.itd.cisco.com", "DEREGISTER"):
        assert word in text


@pytest.mark.parametrize("found", [Findings(), hostile(), findings(walk(), europe=region((device(1, "a"),)))])
def test_a_document_fits_its_schema(found: Findings) -> None:
    Draft202012Validator.check_schema(probe_schema.schema())
    Draft202012Validator(probe_schema.schema()).validate(document_of(found).as_json())


def test_forms_stand_for_values() -> None:
    (read,) = document_of(findings(europe=region((device(1, "a.example.com"),)))).regions
    shape = read.calls[0].shape
    assert (shape["id"], shape["created"], shape["ipAddress"], shape["version"], shape["name"]) == (
        "uuid",
        "time",
        "address",
        "version",
        "text",
    )
