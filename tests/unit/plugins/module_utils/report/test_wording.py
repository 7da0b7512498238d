# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every code has one sentence, and every sentence matches the parameters of its code."""

from __future__ import annotations

import ast
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as steps
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Step
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.checks import Removal
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import fleet_drift
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    CloudStep,
    CloudStepKind,
    Goal,
    Progress,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.notes import notes_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import (
    REGION_CODES,
    UNKNOWN_CODES,
    Code,
    Reason,
    reason,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.wording import (
    SENTENCES,
    STEPS,
    progress_row,
    reason_text,
    reasons_text,
    step_text,
    steps_text,
)
from tests.unit.consistency.support import ROOT
from tests.unit.examples import examples
from tests.unit.plugins.module_utils.fleet.drawn import troubled_pictures
from tests.unit.plugins.module_utils.fleet.picture import Picture

PROBLEM = {"problem": "p.", "fix": "r."}
MESSAGE = {"message": "cannot connect."}
OLD = {"region": "apjc", "old": "europe", "problem": "cannot connect."}
RECORD = {"region": "europe", "name": "d", "id": "id-1", "status": "Registered"}
PRUNED = {"region": "europe", "what": "SSE record", "name": "d", "id": "id-1"}
PARAMETERS: dict[Code, dict[str, Any]] = {
    **dict.fromkeys((Code.APPLIANCE_UNREAD, Code.APPLIANCE_REFUSED, Code.TOKEN_REFUSED), PROBLEM),
    **dict.fromkeys(REGION_CODES | {Code.API_FAILED}, MESSAGE),
    Code.OTHER_REGION: {"server": "s", "wanted": "w", "region": "europe", "host": "a"},
    Code.SAME_HOST_NAME: {"count": 2, "region": "europe", "device": "d"},
    Code.TOKEN_FAILED: {"error": "conflict"},
    Code.REGISTERED_IN_SSE_ONLY: {"device": "d", "id": "id-1"},
    **dict.fromkeys((Code.NOT_SHOWN, Code.NOT_SHOWN_IN_TIME), {"region": "europe", "state": "Pending", "fix": "r."}),
    Code.MODULE_FAILED: {"name": "m", "error": "e"},
    Code.RECORD_STILL_THERE: {"problem": "p."},
    **dict.fromkeys((Code.OLD_MODULE_STILL_THERE, Code.OLD_RECORD_STILL_THERE, Code.OLD_REGION_UNREAD), OLD),
    Code.REGION_FAILED: {"region": "europe"},
    Code.SHARED_FAILURE: {"region": "europe", "message": "m", "count": 2},
    Code.ALSO_IN_SSE: {"region": "europe", "id": "id-1", "status": "Pending"},
    **dict.fromkeys((Code.MANUAL_WORK, Code.MODULE_PROBLEM), {"text": "Enter it."}),
    Code.RECORD_MANUAL: {"region": "europe", "device": "d"},
    Code.DEVICES_OF_OTHER_REGION_UNREAD: {"region": "europe", "problem": "p."},
    Code.TOKENS_LEFT_OVER: {"region": "europe", "left": 1, "given": 2},
    Code.CHANGED_MEANWHILE: {"what": "registered"},
    Code.OTHER_RUN: {"region": "europe", "count": 2},
    Code.PRUNED_MEANWHILE: PRUNED,
    Code.PRUNED: {**PRUNED, "predicted": ""},
    Code.PRUNE_FAILED: {**PRUNED, "problem": "p."},
    Code.PRUNE_NOT_DONE: {"region": "europe", "what": "SSE record", "problem": "p."},
    Code.RECORD_LEFT: {**RECORD, "removable": "yes", "duplicate": "", "unproven": ("a",)},
    **dict.fromkeys((Code.NOT_SENT, Code.NOT_TRACKED, Code.CTR_NOT_ASKED), {"problem": "p."}),
    Code.MESSAGE_ID_UNUSABLE: {"message_id": "odd"},
    Code.NO_MODULE: {"name": "m"},
    Code.MODULE_UNHEALTHY: {"name": "m", "words": "timeout"},
    Code.NO_SIGHTING: {"words": "timeout", "message_id": "a@b", "ahead": 0},
    Code.SERVER_IN_SSE: {"region": "europe"},
    Code.REGIONS_UNREAD: {"regions": ("europe", "apjc")},
    **dict.fromkeys(
        (Code.REGISTERED_THERE_TOO, Code.LEFT_OVER_THERE), {"region": "europe", "id": "id-1", "status": "Pending"}
    ),
    Code.MODULES_OF_ONE_NAME: {"count": 2, "name": "m", "ids": ("m-1", "m-2")},
    **dict.fromkeys((Code.DEVICES_COUNTED, Code.MODULES_COUNTED), {"count": 2}),
    **dict.fromkeys((Code.LISTED, Code.SHARED_DEVICES), {"names": ("a", "b")}),
    Code.NOT_PROVEN: {"hosts": ("a", "b")},
    Code.DELETE_MANUALLY: {"count": 2, "more": "yes"},
    Code.PRUNE_WOULD_DELETE: {"what": "SSE record", "count": 2},
}
"""The parameters of each code; other codes have none."""
ADDED = {"label", "portal"}
"""Parameters that a region adds."""


def parameters(code: Code) -> dict[str, Any]:
    return PARAMETERS.get(code, {})


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_sentence_without_unfilled_parameters(code: Code) -> None:
    text = reason_text(reason(code, **parameters(code)))
    assert text and "{" not in text and "None" not in text
    assert "  " not in text and text == text.strip()
    sentence = SENTENCES[code]
    if isinstance(sentence, str):
        named = {name for _text, name, _spec, _how in string.Formatter().parse(sentence) if name}
        assert named <= {*parameters(code), *ADDED}


def test_every_sentence_has_one_code() -> None:
    assert set(SENTENCES) == set(Code)
    words = Counter(one for one in SENTENCES.values() if isinstance(one, str) and " " in one)
    assert {text: count for text, count in words.items() if count > 1} == {}
    assert set(PARAMETERS) <= set(Code)


def calls() -> Iterator[tuple[str, Code, set[str]]]:
    """Return each C(reason(Code.X, name=...)) of the sources. Parameters from a mapping are not found."""
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reason"):
                continue
            code = node.args[0]
            names = {keyword.arg for keyword in node.keywords}
            if isinstance(code, ast.Attribute) and None not in names:
                yield f"{Path(path).name}:{node.lineno}", Code[code.attr], {str(name) for name in names}


def test_reasons_have_the_parameters_of_their_sentence() -> None:
    found = list(calls())
    assert len(found) > 40
    assert [(place, code) for place, code, names in found if names != set(parameters(code))] == []


def test_every_code_is_used() -> None:
    """Except in the two files that list all codes."""
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "plugins").rglob("*.py")
        if path.name not in ("reasons.py", "wording.py")
    )
    assert [code for code in Code if f"Code.{code.name}" not in sources] == []


def test_a_failure_of_a_region_has_only_a_message() -> None:
    assert all(set(parameters(code)) == {"message"} for code in REGION_CODES)
    assert {Code.MODULES_UNREAD, Code.REGION_UNREAD} == REGION_CODES & UNKNOWN_CODES


@examples(100)
@given(troubled_pictures(), st.sampled_from(Goal))
def test_every_reason_of_any_fleet_has_a_sentence(picture: Picture, goal: Goal) -> None:
    state, plan = picture.state(goal), picture.plan(goal)
    reasons: list[Reason] = notes_of(state, plan.progress.values(), plan.outcomes, plan.orphans, True)
    for row in plan.progress.values():
        reasons += [*row.notes, *filter(None, [row.stop, row.why])]
        assert steps_text(row.steps) == progress_row(row)["done"]
    if goal is Goal.PRESENT:
        drift = fleet_drift(state, plan)
        reasons += [
            one for each in (*drift.appliances, *drift.regions) for check in each.checks for one in check.reasons
        ]
    for one in reasons:
        assert set(one.parameters) == set(parameters(one.code)), one
        assert reason_text(one)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "a was neither read in this run nor found by name among the registered devices of SSE"),
        ({"unproven": ()}, "the removal was not attempted."),
        ({"removable": ""}, "orphaned record, but it may still be in use"),
        ({"removable": "", "duplicate": "yes"}, "duplicate name, but it may still be in use"),
        (
            {"unproven": tuple(f"h{number}" for number in range(8))},
            "h0, h1, h2, h3, h4 and 3 more were neither read",
        ),
    ],
)
def test_why_a_record_was_not_removed(changes: dict[str, Any], words: str) -> None:
    text = reason_text(reason(Code.RECORD_LEFT, **{**PARAMETERS[Code.RECORD_LEFT], **changes}))
    assert text.startswith("europe: SSE record d (id-1, Registered) was not removed: ") and words in text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (reason(Code.APPLIANCE_UNREAD, problem="p.", fix="r."), "p. Fix: r."),
        (reason(Code.APPLIANCE_UNREAD, problem="p.", fix=""), "p."),
        (reason(Code.DEVICES_COUNTED, count=1), "1 device"),
        (reason(Code.LISTED, names=tuple("abcdefghijkl")), "a, b, c, d, e, f, g, h, i, j and 2 more"),
        (
            reason(Code.DELETE_MANUALLY, count=1, more=""),
            "check it in the portal, and manually delete what is not needed",
        ),
        (
            reason(Code.DELETE_MANUALLY, count=2, more="yes"),
            "2 more: check them in the portal, and manually delete what is not needed",
        ),
        (
            reason(Code.PRUNE_WOULD_DELETE, what="CTR module", count=1),
            "a run with esa_ctr_prune: true deletes 1 CTR module",
        ),
        (reason(Code.MANUAL_WORK, text="{not} a place"), "{not} a place"),
    ],
)
def test_sentences_match_their_parameters(given: Reason, text: str) -> None:
    assert reason_text(given) == text


def test_reasons_are_joined() -> None:
    assert reasons_text([reason(Code.NOT_READ), reason(Code.SSE_SILENT)]) == "not read; not reported by SSE"
    assert reasons_text([]) == ""


def test_every_step_has_a_text() -> None:
    assert set(STEPS) == set(CloudStepKind)
    assert step_text(Step(steps.REGISTER)) == "register with a registration token"
    assert step_text(CloudStep(CloudStepKind.OLD_RECORD_DELETED, "apjc")) == "SSE record of apjc deleted"
    assert [step_text(Removal("SSE record", count)) for count in (1, 2)] == [
        "1 SSE record deleted",
        "2 SSE records deleted",
    ]


@pytest.mark.parametrize("action", [*Action, None])
def test_a_row_shows_the_progress_of_an_appliance(action: Action | None) -> None:
    row = Progress(Wanted("a", "europe", "a"), registration="registered", module=action)
    shown = {Action.NONE: "no change", Action.MANUAL: "manual", None: None}
    assert progress_row(row)["module"] == shown.get(action, action and action.value)
    assert progress_row(row)["result"] == "ok"
    row.steps = [Step(steps.DEREGISTER)]
    row.notes = [reason(Code.MANUAL_WORK, text="Enter it.")]
    assert (progress_row(row)["result"], progress_row(row)["detail"]) == ("changed", "deregister; Enter it.")
    row.fail(reason(Code.NO_TOKEN))
    row.fail(reason(Code.BUSY))
    failed = progress_row(row)
    assert (failed["result"], failed["reason"]) == ("failed", "no registration token was issued."), (
        "the first reason is kept"
    )
    assert failed["detail"] == "no registration token was issued.; deregister; Enter it."
