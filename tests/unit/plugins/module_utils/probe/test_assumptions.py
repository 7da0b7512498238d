# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every assumption is in one list, which the documentation and the probe use."""

from __future__ import annotations

import json
from collections import Counter

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.screens import Seen
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import contract, sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import Kind, all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.compare import compare
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from tests.tools import probe_schema


def test_ids_are_unique_and_every_kind_occurs() -> None:
    found = all_assumptions()
    assert [one for one, count in Counter(one.id for one in found).items() if count > 1] == []
    assert {one.kind for one in found} == set(Kind)
    assert all(one.purpose.endswith(".") and one.otherwise.endswith(".") and one.grade in "ABCDSIR" for one in found)


def test_every_text_keyword_field_call_and_region_is_in_the_list() -> None:
    ids = {one.id for one in all_assumptions()}
    assert {f"text.{text_id}" for text_id in screens.TEXTS} <= ids
    assert {f"keyword.{command}.{keyword.lower()}" for command in menu.KNOWN for keyword in menu.KNOWN[command]} <= ids
    assert {f"field.sse.{field}" for field in sse_fields.FIELDS} <= ids
    assert {f"sent.sse.{field}" for field in sse_fields.SENT} <= ids
    assert {f"call.{one.method} {one.path}" for one in contract.OPERATIONS} <= ids
    assert {f"server.{name}" for name in KNOWN_REGIONS} <= ids


def test_calls_that_read_without_data_of_the_run_are_seen_by_a_probe() -> None:
    calls = {one.subject: one.seen for one in all_assumptions() if one.kind is Kind.CALL}
    seen = {call for call, when in calls.items() if when is Seen.READ}
    assert "POST /iroh/oauth2/token" in seen and not any(call.startswith(("PUT", "PATCH", "DELETE")) for call in seen)
    assert {call for call in calls if call.startswith("GET") and "{" not in call and "observables" not in call} <= seen


def test_nothing_read_is_nothing_seen() -> None:
    assert {compare(one, Findings()).verdict for one in all_assumptions()} == {Verdict.NOT_SEEN}


def test_the_schema_of_a_probe_is_up_to_date() -> None:
    assert json.loads(probe_schema.PAGE.read_text(encoding="utf-8")) == probe_schema.schema(), "run make docs"
