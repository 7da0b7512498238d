# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of emailsec.ctr.rollout: waves, the verification of each wave, when it stops, how it continues, and windows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.support.ansible import Run
from tests.integration.support.lab import writes
from tests.integration.support.ports import closed_port

E1, E2, E3, E4 = (f"e{n}.example.com" for n in range(1, 5))
A1, A2 = "a1.example.com", "a2.example.com"
EUROPE, AMERICAS = (E1, E2, E3, E4), (A1, A2)
ALL = (*EUROPE, *AMERICAS)
FLEET: dict[str, Any] = {
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        *({"name": name, "region": "europe"} for name in EUROPE),
        *({"name": name, "region": "americas"} for name in AMERICAS),
    ],
}
WAVES = [1, "50%", "100%"]
ALWAYS = "00:00-24:00 UTC"
CLOSED = f"{datetime.now(UTC) + timedelta(days=3):%a} 12:00-13:00 UTC"
HEADING = re.compile(r"^Wave (\d) of (\d) \(([a-z, ]+)\): (\d+) appliances? of (\d+) to start$", re.MULTILINE)


@pytest.fixture
def rollout(lab, ansible):
    """Run the playbook; return the run and the results by host. ``hosts`` are more variables of single hosts."""

    def run(*arguments: str, hosts: dict[str, dict[str, Any]] | None = None, **variables: Any) -> tuple[Run, dict]:
        given = {host: {"esa_ctr_waves": WAVES, **variables, **(hosts or {}).get(host, {})} for host in ALL}
        inventory = ansible.inventory("override.yml", given)
        done = ansible.playbook("emailsec.ctr.rollout", "-i", inventory, *arguments)
        assert "Traceback" not in done.output and "DEPRECAT" not in done.output.upper()
        path = ansible.folder / "esa-ctr-report" / "rollout.json"
        rows = json.loads(path.read_text())["rows"] if path.exists() else []
        path.unlink(missing_ok=True)
        return done, {row["host"]: row for row in rows}

    return run


def results(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {host: row["result"] for host, row in rows.items()}


def order_of_registrations(lab) -> list[str]:
    """Return the appliances in the order in which they were told to register."""
    return [call["who"] for call in lab.calls() if call["kind"] == "cli" and call["line"] == "REGISTER"]


def waves_in(run: Run) -> list[tuple[str, ...]]:
    return HEADING.findall(run.output)


def test_each_wave_is_finished_before_the_next_starts(lab, rollout):
    run, rows = rollout()
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    assert results(rows) == dict.fromkeys(ALL, "done")
    assert [rows[host]["wave"] for host in ALL] == [1, 2, 2, 3, 4, 5]
    assert all(lab.is_onboarded(host, "europe" if host in EUROPE else "americas") for host in ALL)
    assert [found[0] for found in waves_in(run)] == ["1", "2", "3", "4", "5"]
    registered = order_of_registrations(lab)
    assert (registered[0], set(registered[1:3]), registered[3:]) == (E1, {E2, E3}, [E4, A1, A2])
    calls = [call for call in lab.calls() if call["kind"] == "http" or call.get("line") == "REGISTER"]
    health = [place for place, call in enumerate(calls) if "/iroh-enrich/health" in call.get("path", "")]
    second = next(place for place, call in enumerate(calls) if call.get("who") in (E2, E3) and call.get("line"))
    assert health and health[0] < second, "the canary is verified before the second wave starts"
    assert "Rollout: 5 waves, 6 appliances, 6 to change" in run.output
    assert "[####################] wave 5 of 5: 6 of 6 done, 0 failed" in run.output

    seen = len(lab.calls())
    again, rows = rollout()
    assert (again.rc, writes(lab.calls()[seen:]), results(rows)) == (0, [], dict.fromkeys(ALL, "done")), again.output
    assert "Rollout: 5 waves, 6 appliances, 0 to change" in again.output


def test_a_canary_is_finished_before_the_others_start(lab, rollout):
    run, rows = rollout("--limit", f"{E1},{E2},{E3}", esa_ctr_waves=[1, "100%"])
    assert (run.rc, results(rows)) == (0, dict.fromkeys([E1, E2, E3], "done")), run.output
    assert [found[0] for found in waves_in(run)] == ["1", "2"]
    registered = order_of_registrations(lab)
    assert (registered[0], set(registered[1:])) == (E1, {E2, E3})


def test_check_mode_shows_the_waves_and_writes_nothing(lab, rollout):
    run, rows = rollout("--check", "--diff", esa_ctr_wave_regions="together")
    assert (run.rc, lab.writes()) == (0, []), run.output
    assert results(rows) == dict.fromkeys(ALL, "would succeed")
    assert [found[2] for found in waves_in(run)] == ["europe, americas", "europe, americas", "europe"]
    assert re.search(r"^1 +europe, americas +2 +2 +none +e1\.example\.com, a1\.example\.com$", run.output, re.MULTILINE)
    assert "6 of 6 would succeed, 0 would fail" in run.output


@pytest.mark.parametrize("failure", ["unreachable", "wrong password"])
def test_a_rollout_stops_and_a_rerun_continues(lab, rollout, failure):
    with closed_port() as port:
        bad = {"ansible_port": port} if failure == "unreachable" else {"ansible_password": "not-the-password"}
        run, rows = rollout(hosts={E2: bad})
    assert (run.rc, run.bad_hosts()) == (2, {E2}), run.output
    assert results(rows) == {
        **dict.fromkeys(ALL, "not started"),
        **dict.fromkeys([E1, E3], "done"),
        E2: "failed",
    }
    assert ("refused" if failure == "unreachable" else "password") in rows[E2]["detail"], rows[E2]
    assert [lab.is_onboarded(host, "europe") for host in EUROPE] == [True, False, True, False]
    assert "Stopped after wave 2: 1 of 2 appliances failed (esa_ctr_max_failures: 0)." in run.output
    assert re.search(rf"^{E4} +europe +3 +not started", run.output, re.MULTILINE), "what is not done is named"

    seen = len(lab.calls())
    run, rows = rollout()
    assert (run.rc, results(rows)) == (0, dict.fromkeys(ALL, "done")), run.output
    written = {call["who"] for call in writes(lab.calls()[seen:]) if call["kind"] == "cli"}
    assert written == {E2, E4, A1, A2}, "finished appliances are not changed again"


def test_some_failures_are_allowed(lab, rollout):
    with closed_port() as port:
        run, rows = rollout(hosts={E2: {"ansible_port": port}}, esa_ctr_max_failures="50%")
    assert (run.rc, run.bad_hosts()) == (2, {E2}), run.output
    assert results(rows) == {**dict.fromkeys(ALL, "done"), E2: "failed"}
    assert "Stopped" not in run.output


def test_a_canary_that_fails_stops_the_rollout_and_is_named(lab, rollout):
    with closed_port() as port:
        run, rows = rollout(hosts={E1: {"ansible_port": port}}, esa_ctr_max_failures=1)
    assert (run.rc, run.bad_hosts()) == (2, {E1}), run.output
    assert results(rows) == {**dict.fromkeys(ALL, "not started"), E1: "failed"}
    assert order_of_registrations(lab) == []
    assert "Stopped after wave 1" in run.output


def test_an_unhealthy_module_stops_the_rollout_also_in_check_mode(lab, rollout):
    assert rollout("--limit", E1)[0].rc == 0
    lab.switch(region="europe", module=E1, set={"health": "error"})
    seen = len(lab.calls())
    for more in (["--check"], []):
        run, rows = rollout(*more)
        assert run.rc == 2, run.output
        assert rows[E1]["result"] == ("would fail" if more else "failed")
        assert "does not work" in rows[E1]["detail"]
    assert writes(lab.calls()[seen:]) == []


def test_outside_its_window_nothing_is_started(lab, rollout):
    windows = {host: {"esa_ctr_window": CLOSED} for host in EUROPE}
    run, rows = rollout(hosts=windows, esa_ctr_wave_regions="together")
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    assert results(rows) == {**dict.fromkeys(EUROPE, "not started"), **dict.fromkeys(AMERICAS, "done")}
    assert rows[E1]["detail"] == f"outside its maintenance window ({CLOSED})"
    assert (
        f"e1.example.com, e2.example.com, e3.example.com, e4.example.com: not started, outside its maintenance window ({CLOSED}). Fix: rerun later."
        in run.output
    )
    assert {call["who"] for call in lab.writes() if call["kind"] == "cli"} == set(AMERICAS)

    run, rows = rollout(hosts=windows)
    assert run.rc == 0 and results(rows)[A1] == "done", "an unchanged appliance counts as done"
    opened = {host: {"esa_ctr_window": [CLOSED, ALWAYS]} for host in EUROPE}
    run, rows = rollout(hosts=opened)
    assert (run.rc, results(rows)) == (0, dict.fromkeys(ALL, "done")), run.output


def test_in_turn_a_region_waits_for_the_region_before_it(lab, rollout):
    run, rows = rollout(hosts={host: {"esa_ctr_window": CLOSED} for host in EUROPE})
    assert (run.rc, lab.writes()) == (0, []), run.output
    assert {rows[host]["detail"] for host in AMERICAS} == {"wave 1 is not finished"}


def test_each_wave_is_verified_with_a_message(lab, rollout):
    run, rows = rollout(
        "--limit", f"{E1},{E2}", esa_ctr_verify=True, esa_ctr_verify_timeout=2, esa_ctr_verify_interval=0.2
    )
    assert (run.rc, results(rows)) == (0, dict.fromkeys([E1, E2], "done")), run.output
    kinds = [
        (call["kind"], call["who"]) for call in lab.calls() if call["kind"] == "smtp" or call.get("line") == "REGISTER"
    ]
    assert kinds == [("cli", E1), ("smtp", E1), ("cli", E2), ("smtp", E2)]


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"esa_ctr_waves": []}, "esa_ctr_waves is []"),
        ({"esa_ctr_waves": ["1", "ten"]}, "esa_ctr_waves is [1, ten]"),
        ({"esa_ctr_max_failures": "many"}, "esa_ctr_max_failures is 'many'"),
        ({"esa_ctr_window": "22:00-04:00 Europe/Atlantis"}, "esa_ctr_window is '22:00-04:00 Europe/Atlantis'"),
        ({"esa_ctr_state": "absent"}, "esa_ctr_state is 'absent'"),
    ],
)
def test_wrong_settings_are_refused_before_any_connection(lab, rollout, variables, problem):
    run, rows = rollout(**variables)
    assert (run.rc, rows, lab.calls()) == (2, {}, []), run.output
    assert problem in run.output and "Roll out one wave after the other" not in run.output
