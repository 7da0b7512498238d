# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random drift documents from hypothesis, and the schema that they must match."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import WORST_FIRST
from tests.samples import drift

SCHEMA = json.loads((Path(__file__).parents[5] / "docs" / "drift.schema.json").read_text(encoding="utf-8"))
PAGE = str(Path(__file__).parents[5] / "roles" / "esa_ctr_integration" / "files" / "drift_page")

# All characters, also lone surrogates, with more special characters of the formats.
MARKS = "=+-@\t\r\n|`<>&\"'\\*_[]#~;,{}\x00\x1b\u202e\u2028\ufffe\ud800 "
texts = st.text(st.one_of(st.sampled_from(MARKS), st.characters()), max_size=40)
names = texts.filter(bool)
values = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), texts)
verdicts = st.sampled_from(WORST_FIRST)
checks = st.fixed_dictionaries(
    {
        "check": names,
        "title": texts,
        "wanted": values,
        "found": values,
        "verdict": verdicts,
        "step": st.none() | texts,
        "reason": texts,
    }
)
region_names = st.sampled_from(["europe", "americas", "apjc", "mars"])
appliances = st.lists(
    st.fixed_dictionaries(
        {"host": names, "region": region_names, "checks": st.lists(checks, max_size=4)},
        optional={
            **{key: st.none() | texts for key in ("reason", "hostname", "product", "model", "version", "serial")},
            "steps": st.lists(texts, max_size=3),
        },
    ),
    max_size=6,
    # Replaced surrogates can make two names equal.
    unique_by=lambda row: row["host"].encode("utf-8", "replace"),
)
regions = st.lists(
    st.fixed_dictionaries(
        {"region": region_names, "checks": st.lists(checks, max_size=3)},
        optional={"label": names, "quota": st.none() | st.just({"limit": 8000, "remaining": 12})},
    ),
    max_size=3,
    unique_by=lambda row: row["region"],
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document, in half of the cases with a previous report."""
    last = drift.build((draw(regions), draw(appliances))) if draw(st.booleans()) else None
    history = [{"created": last["created"], "counts": last["counts"]}] if last else []
    return drift.build((draw(regions), draw(appliances)), title=draw(texts), last=last, history=history)


def strict(schema: Any) -> Any:
    """Return the schema without additional keys, which the published schema allows for later releases."""
    if isinstance(schema, list):
        return [strict(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: strict(value) for key, value in schema.items()}
    return {**inner, "additionalProperties": False} if "required" in schema and "properties" in schema else inner


VALIDATOR = Draft202012Validator(strict(SCHEMA), format_checker=FormatChecker())


def faults(document: Any) -> list[str]:
    """Return the violations of the published schema."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]
