# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document of a probe is safe to share, and valid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.compare import compare
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.document import probe_document, vocabulary
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.propose import propose
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import StandIns
from tests.samples.probe import device, findings, module_type, region, walk
from tests.tools import probe_schema

UUID = "7b54ba8d-6c36-44b3-a3df-f3a9bb9c2877"


def document_of(found: Findings) -> ProbeDocument:
    compared = [(one, compare(one, found)) for one in all_assumptions()]
    proposals, remaining = propose(found, compared)
    about: dict[str, Any] = {"created": "2026-11-28T03:00:00Z", "collection": "1.0.0", "seconds": 1.5}
    return probe_document(found, compared, proposals, remaining, StandIns(vocabulary=vocabulary(found)), **about)


def hostile() -> Findings:
    """Return names and ids at places where words are expected."""
    rows = (
        device(1, "berlin01.corp.example", "Registered", **{f"field_{UUID}": "x", "owner": "jane.doe@corp.example"}),
        device(2, "paris", "Held by berlin01.corp.example", note="The box of Jane in 10.1.2.3"),
    )
    broken = walk("rome02.corp.example", status="rome02 in 10.9.8.7 is registered by jane.doe@corp.example.")
    broken.failure = AsyncOSError(
        "rome02.corp.example", "rome02.corp.example: no answer from 10.9.8.7.", "check rome02."
    )
    return findings(
        walk("berlin01.corp.example", changes="\n".join(["secret-site", "10.1.1.1", "more", "lines"])),
        broken,
        europe=region(rows, types=(module_type(1, f"Mail Guard {UUID}"),)),
    )


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
