# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe on the terminal: all parts, at any width, and the answer last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.terminal import terminal_lines
from tests.samples import probe_document as probe

USUAL = probe.usual()
TITLES = ["Differences", "Failures", "Proposed profile", "Not certain", "Readings"]


def part(lines: list[str], title: str) -> list[str]:
    """Return the lines of a part."""
    start = lines.index(title) + 1
    end = next((place for place in range(start, len(lines)) if lines[place] in TITLES), len(lines))
    return lines[start:end]


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("name", ["usual", "clean", "empty", "hostile"])
def test_no_line_is_longer_than_the_width(name, width) -> None:
    for line in terminal_lines(getattr(probe, name)(), width, {}):
        assert len(line) <= width or max(map(len, line.split())) + 4 > width, line
        assert line.isprintable()


@pytest.mark.parametrize("width", [80, 120])
def test_all_parts_in_order_and_the_answer_last(width) -> None:
    lines = terminal_lines(USUAL, width, {})
    assert [line for line in lines if line in TITLES] == TITLES
    counts = USUAL.counts()
    shown = " ".join(line.strip() for line in lines)
    assert (
        f"6 of {len(USUAL.assumptions)} assumptions differ, {counts['confirmed']} are confirmed, "
        f"{counts['not_seen']} were not seen; 2 of 9 readings failed"
    ) in shown
    assert all(" not seen: needs " in line for line in lines[-3:])


def test_a_narrow_terminal_has_details_below_each_row() -> None:
    lines = part(terminal_lines(USUAL, 80, {}), "Differences")
    assert lines[0].split() == ["ASSUMPTION", "CAME"]
    place = next(place for place, line in enumerate(lines) if line.startswith("server.europe"))
    assert lines[place : place + 3] == [
        "server.europe                            EUROPE (api.eu2.sse.itd.cisco.com)",
        "    Expected: api.eu.sse.itd.cisco.com",
        "    Where: 3 appliances",
    ]
    proposals = " ".join(" ".join(part(terminal_lines(USUAL, 80, {}), "Proposed profile")).split())
    assert "texts.no_changes Everything is committed Evidence: the whole output of showchanges" in proposals


def test_a_wide_terminal_has_all_columns() -> None:
    lines = part(terminal_lines(USUAL, 160, {}), "Differences")
    assert lines[0].split() == ["ASSUMPTION", "EXPECTED", "WHERE", "CAME"]
    (row,) = [line for line in lines if line.startswith("field.sse.status")]
    assert row.split()[1:4] == ["status", "europe;", "apjc"] and row.endswith("data.host_name and 2 more")
    assert part(terminal_lines(USUAL, 120, {}), "Proposed profile")[0].split() == ["PLACE", "VALUE", "EVIDENCE"]


def test_failures_and_what_is_not_certain_have_their_fix() -> None:
    lines = terminal_lines(USUAL, 300, {})
    failed = [line for line in part(lines, "Failures") if line]
    assert failed == [
        "- host-6: no connection within 10 seconds. Fix: check the network, and ansible_host.",
        "- americas: the API client is not accepted (401). Fix: check client_id and client_secret of esa_ctr_regions.",
    ]
    left = [line for line in part(lines, "Not certain") if line]
    assert len(left) == 3 and all("Fix: " in line for line in left)


def test_readings_show_which_stand_in_is_which_host() -> None:
    lines = terminal_lines(USUAL, 80, {probe.HOSTS[0]: "esa1.example.com"})
    rows = [line.split() for line in part(lines, "Readings")]
    assert rows[0] == ["HOST", "SHARED", "AS", "PRODUCT", "VERSION", "SCREENS", "SECONDS"]
    assert rows[1] == ["esa1.example.com", "host-1", "ESA", "15.0.0-104", "4", "0.2"]
    assert rows[6] == ["host-6.stand-in.example", "host-6", "-", "-", "0", "10.0"]
    assert rows[8] == ["REGION", "CALLS", "SECONDS", "BYTES"]
    assert rows[9] == ["europe", "6", "0.2", "7,367"]
    assert rows[12] == ["esa1.example.com", "(AsyncOS", "API)", "2", "0.4", "500"]


def test_equal_failures_of_several_hosts_are_one() -> None:
    failed = tuple(replace(USUAL.appliances[5], host=host) for host in probe.HOSTS)
    lines = part(terminal_lines(replace(USUAL, appliances=failed), 200, {}), "Failures")
    assert lines[0].startswith("- host-1, host-2, host-3 and 3 more: no connection within 10 seconds. Fix: ")


def test_a_large_fleet_is_cut() -> None:
    large = replace(USUAL, appliances=USUAL.appliances * 20)
    assert "and 80 more, see probe.html" in terminal_lines(large, 80, {})
    assert len(terminal_lines(large, 80, {})) < 200


def test_one_difference() -> None:
    rows = tuple(one for one in USUAL.assumptions if one.id == "server.europe")
    lines = terminal_lines(replace(probe.empty(), assumptions=rows), 80, {})
    assert lines[-1] == "1 of 1 assumptions differs, 0 are confirmed, 0 were not seen"
