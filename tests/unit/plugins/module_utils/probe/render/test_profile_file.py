# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proposed profile is YAML of exactly the proposals, with evidence as comments."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Proposal, Remaining
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.profile_file import (
    WIDTH,
    profile_of,
    profile_text,
)
from tests.samples import probe_document as probe

MARKS = "=+-@\t\r\n|`<>&\"'\\*_[]#~;:,{}\x00\x1b\x85\u2028\ufeff\ud83d\ude00\U0001f600 "
texts = st.text(st.one_of(st.sampled_from(MARKS), st.characters()), max_size=30)
keys = st.one_of(texts, st.sampled_from(["no", "on", "null", "texts", "sse", "1", "~", "<<", "="]))
scalars = st.one_of(texts, st.integers(), st.booleans())
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(keys, scalars, max_size=2))
proposals = st.lists(
    st.builds(Proposal, st.lists(keys, min_size=1, max_size=3).map(tuple), values, texts, texts), max_size=6
)
remainings = st.lists(st.builds(Remaining, st.one_of(texts, texts.map("text.{}".format)), texts, texts), max_size=3)


def proposed(*pairs):
    return [Proposal(place, value, "seen", "x") for place, value in pairs]


@given(proposals, remainings)
def test_the_yaml_is_the_profile(found, left) -> None:
    assert yaml.safe_load(profile_text(found, left)) == profile_of(found)


def test_the_sample_is_as_expected() -> None:
    usual = probe.usual()
    text = profile_text(usual.proposals, usual.remaining)
    assert yaml.safe_load(text) == {
        "texts": {"no_changes": ["Everything is committed"]},
        "sse": {
            "fields": {"status": ["data.registration_state"]},
            "list_in": "devices",
            "statuses": {"registered": ["Enrolled", "Active"]},
        },
        "regions": {"europe": {"appliance_server": "api.eu2.sse.itd.cisco.com"}},
        "module_types": {"europe": {"esa": {"title": "Mail Guard Gateway"}}},
    }
    assert max(map(len, text.splitlines())) <= WIDTH
    for said in (
        "Nothing uses it until esa_ctr_profile names this file",
        "  # Evidence: the whole output of showchanges in a session that had changed nothing, on 6",
        "    # Evidence: the status of 3 devices whose appliance offers DEREGISTER in its menu.\n"
        "    # Evidence: the status of 1 device whose appliance offers DEREGISTER in its menu.\n"
        "    registered:\n",
        "# Not certain (keyword.cloudserviceconfig.autoregister): AUTOREGISTER is expected",
        '    # description: ""\n',
        '  # current_server: ""\n',
    ):
        assert said in text, said


@pytest.mark.parametrize(
    "found",
    [
        [],
        [(("sse", "list_in"), "devices")],
        [(("texts", "enabled"), ["On"])],
        [(("sse", "fields", "id"), ["uuid"]), (("texts", "enabled"), ["On"])],
    ],
)
def test_a_commented_out_entry_fits_where_it_is(found) -> None:
    left = [
        Remaining(name, "unknown", "add it") for name in ("text.no_changes", "field.sse.id", "text.enabled", "limit.x")
    ]
    left = [one for one in left if not any(one.assumption.endswith(place[-1]) for place, _value in found)]
    text = profile_text(proposed(*found), left)
    without = "\n".join(line for line in text.split("\n") if not re.match(r" *# (?:Not certain|Evidence|Remove)", line))
    entries = yaml.safe_load(
        re.sub(r"^( *)# ( *[a-z_]+:(?: \"\")?)$", r"\1\2", without.replace("{}\n", ""), flags=re.M)
    )
    wanted = [*found, (("texts", "no_changes"), "")]
    wanted += [(place, "") for place in (("sse", "fields", "id"), ("texts", "enabled")) if place not in dict(found)]
    assert entries == profile_of(proposed(*wanted))
    assert yaml.safe_load(text) == profile_of(proposed(*found))


def test_maps_are_merged_and_lists_are_joined() -> None:
    found = proposed(
        (("regions", "no"), {"label": "NO"}),
        (("regions", "no", "appliance_server"), "api.no.example.com"),
        (("sse", "statuses", "registered"), ["A"]),
        (("sse", "statuses", "registered"), ["B", "A"]),
        (("sse", "list_in"), "first"),
        (("sse", "list_in"), "later"),
    )
    assert profile_of(found) == {
        "regions": {"no": {"label": "NO", "appliance_server": "api.no.example.com"}},
        "sse": {"statuses": {"registered": ["A", "B"]}, "list_in": "later"},
    }
    assert found[0].value == {"label": "NO"}


def test_hostile_text_is_data() -> None:
    hostile = probe.hostile()
    text = profile_text(hostile.proposals, hostile.remaining)
    assert yaml.safe_load(text) == profile_of(hostile.proposals)
    assert text.isascii() or not set(text) & set("\x00\x1b\u2028\u202e\ud800")
