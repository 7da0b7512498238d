# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task reads the fleet: its rows equal the results of one task per appliance, for every kind of appliance."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.ports import closed_port, silent_port

REGISTERED = {"enabled": True, "region": "europe", "registered": True}
SPEAKING = {"line_end": "crcrlf", "slow_output": 7, "control_sequences": True, "login_message": "Call 555> or leave"}


def box(name: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{name}.example.com", "region": "europe", **more}


FLEET = {
    # long enough to read a busy appliance
    "settings": {"registration_seconds": 0.3, "busy_seconds": 60},
    "appliances": [
        box("gen1", generation=1, version="13.0.0-392"),
        box("gen2", generation=2, version="13.5.1-277"),
        box("gen3", generation=3),
        box("gen4", generation=4, version="15.5.1-055"),
        box("gen1-on", generation=1, version="13.0.0-392", initial=REGISTERED),
        box("gen2-on", generation=2, version="13.5.1-277", initial=REGISTERED),
        box("gen3-on", generation=3, initial=REGISTERED),
        box("gen4-on", generation=4, initial=REGISTERED),
        box("wrong-server", initial={"enabled": True, "region": "americas"}),
        box("elsewhere", initial={"enabled": True, "region": "americas", "registered": True}),
        box("silent", generation=4, dialect={"settrs_while_registered": "refused"}, initial=REGISTERED),
        box("no-apjc", region="apjc", generation=1, version="13.0.0-392"),
        box("sma", product="SMA"),
        box("web", product="WSA"),
        box("old", version="12.5.0-066"),
        box("pending", initial={"pending": True}),
        box("keyboard", dialect={"auth": ["keyboard-interactive"]}),
        box("odd", dialect={"menu_wording": "other", "keyword_case": "lower"}),
        box("pager", dialect={"pager_lines": 6}),
        box("speaking", dialect=SPEAKING),
        box("one-of-cluster"),
        box("two-of-cluster"),
        box("cut-of-cluster"),
        box("no-rights", dialect={"refusal": "no_cli_rights"}),
        box("expired", dialect={"refusal": "expired_password"}),
        box("two-factor", dialect={"refusal": "two_factor", "two_factor_at": "login"}),
        box("idle", dialect={"refusal": "idle_timeout", "idle_after_lines": 3}),
        box("unknown-screen", dialect={"refusal": "unknown_screen"}),
        box("maintenance", dialect={"refusal": "maintenance"}),
    ],
    "clusters": [
        {
            "name": "Cluster",
            "members": [f"{name}-of-cluster.example.com" for name in ("one", "two", "cut")],
            "login_level": "cluster",
            "disconnected": ["cut-of-cluster.example.com"],
        }
    ],
}
NAMES = [entry["name"] for entry in FLEET["appliances"]]
REGIONS = {entry["name"]: entry["region"] for entry in FLEET["appliances"]}
KEYS = {
    "host",
    "reachable",
    "cloud_service",
    "pending_changes",
    "steps",
    "after",
    "refused",
    "problem",
    "fix",
    "remedy",
    "screen",
    "msg",
}
UNREACHABLE = {"wrong-password", "wrong-user", "unknown-key", "closed", "no-passphrase", "jump-says-no"}
WRONG = "not-the-Passw0rd-of-many"
ZEROS = "0" * 32


def many(hosts: Any = "{{ groups.appliances }}", **options: Any) -> dict[str, Any]:
    return {
        "name": "many",
        "emailsec.ctr.esa_cloud_service_info": {"hosts": hosts, **options},
        "run_once": True,
    }


def rows_of(run) -> list[dict[str, Any]]:
    (result,) = [result for result in run.results if result.task == "many"]
    assert result.status == "ok", (result, run.output)
    assert result.values["changed"] is False
    return result.values["appliances"]


def by_host(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["host"]: row for row in rows}


def settings_in(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of the lab's appliances without the number of log-ins."""
    counted = ("logins", "failed_logins", "refusals")
    return {
        name: {key: value for key, value in appliance.items() if key not in counted}
        for name, appliance in state["appliances"].items()
    }


def bad_hosts(lab, ansible, closed: int) -> dict[str, dict[str, Any]]:
    address = {"ansible_host": "127.0.0.1", "ansible_port": lab.appliance("gen3.example.com")["port"]}
    (ansible.folder / "empty").write_text("", encoding="utf-8")
    jump = {
        "ansible_asyncos_jump_host": lab.jump["host"],
        "ansible_asyncos_jump_port": lab.jump["port"],
        "ansible_asyncos_jump_user": lab.jump["user"],
    }
    return {
        "wrong-password": {**address, "ansible_password": WRONG},
        "wrong-user": {**address, "ansible_user": "nobody"},
        "unknown-key": {**address, "ansible_asyncos_known_hosts": str(ansible.folder / "empty")},
        "closed": {"ansible_host": "127.0.0.1", "ansible_port": closed},
        "no-passphrase": {**address, "ansible_private_key_file": lab.ssh["encrypted_private_key_file"]},
        "jump-says-no": {**address, **jump, "ansible_asyncos_jump_password": WRONG},
    }


class Story:
    """The same appliances read by one task each and by one task for all, and the recorded calls of the latter."""

    def __init__(self, lab, ansible: Ansible) -> None:
        lab.reset()
        options = {"state": "registered", "commit_comment": "why"}
        each = {
            "name": "each",
            "emailsec.ctr.esa_cloud_service": {
                **options,
                "region": "{{ regions[inventory_hostname] }}",
                "registration_token": ZEROS,
                "wait_timeout": 0,
            },
            "check_mode": True,
            "ignore_errors": True,
            "ignore_unreachable": True,
        }
        with closed_port() as closed:
            extra = bad_hosts(lab, ansible, closed)
            inventory = ["-i", ansible.inventory("more.yml", extra), "-vvv"]
            regions = {**REGIONS, **dict.fromkeys(extra, "europe")}
            self.each = ansible.tasks([each], *inventory, vars={"regions": regions})
            lab.reset()
            self.before = lab.state()
            task = many(**options, region="{{ regions }}")
            self.many = ansible.tasks([task], *inventory, vars={"regions": regions})
        self.after, self.calls, self.writes = lab.state(), lab.calls(), lab.writes()
        self.secrets = {**lab.secrets(), "a wrong password": WRONG}
        self.rows = by_host(rows_of(self.many))
        self.hosts = [*NAMES, *extra]


@pytest.fixture(scope="module")
def story(lab_of_file, tmp_path_factory):
    return Story(lab_of_file, Ansible(tmp_path_factory.mktemp("story") / "ansible", lab_of_file))


def test_the_fleet_covers_every_outcome(story):
    """Without this, the comparison below would prove nothing."""
    statuses = [story.each.of("each", host).status for host in story.hosts]
    assert statuses.count("ok") >= 15
    assert statuses.count("unreachable") >= len(UNREACHABLE) + 3
    failed = [story.each.of("each", host) for host in story.hosts if story.each.of("each", host).status == "failed"]
    assert {result.values["refused"] for result in failed} == {True, False}


def expected(result) -> dict[str, Any]:
    """Return the result of the task on the appliance as a row."""
    values = result.values
    found = {
        "host": result.host,
        "reachable": result.status != "unreachable",
        "cloud_service": values["diff"]["before"] if "diff" in values else None,
        "pending_changes": values.get("pending_changes"),
        "steps": values.get("steps", []),
        "after": values["cloud_service"] if result.status == "ok" else None,
        "refused": values.get("refused", False),
    }
    if result.status == "unreachable":
        return {**found, "msg": result.message.removeprefix("Task failed: ")}  # prefix of ansible-core 2.19
    return {**found, **{key: values.get(key) for key in ("problem", "fix", "screen", "msg")}}


@pytest.mark.parametrize("host", [*NAMES, *sorted(UNREACHABLE)])
def test_a_row_equals_the_result_of_a_task_on_the_appliance(story, host):
    row = story.rows[host]
    assert set(row) == KEYS
    wanted = expected(story.each.of("each", host))
    assert {key: row[key] for key in wanted} == wanted
    if row["msg"]:
        assert row["problem"] in row["msg"] and row["fix"] in row["msg"] and isinstance(row["screen"], str)
    else:
        assert (row["problem"], row["fix"], row["screen"]) == (None, None, None)
    assert row["remedy"] == row["fix"]


def test_rows_are_in_the_order_of_the_hosts(story):
    assert [row["host"] for row in rows_of(story.many)] == story.hosts


def test_reading_writes_nothing(story):
    assert story.writes == []
    assert settings_in(story.after) == settings_in(story.before)


def test_there_is_one_log_in_per_appliance(story):
    logins = {name: appliance["logins"] for name, appliance in story.after["appliances"].items()}
    assert set(logins.values()) <= {0, 1}
    assert all(logins[name] == 1 for name in NAMES if story.rows[name]["cloud_service"])


def test_progress_is_shown_every_tenth_and_at_the_end(story):
    lines = re.findall(r"^(\d+) of (\d+) read, (\d+) failed$", story.many.output, re.MULTILINE)
    total = len(story.hosts)
    failed = sum(row["cloud_service"] is None for row in story.rows.values())
    assert lines[-1] == (str(total), str(total), str(failed))
    assert 10 <= len(lines) <= 11
    assert [int(line[0]) for line in lines] == sorted(int(line[0]) for line in lines)


def test_no_secret_is_shown(story):
    for what, secret in story.secrets.items():
        for run in (story.each, story.many):
            assert secret not in run.output, what
            assert secret not in json.dumps([result.values for result in run.results]), what


def test_check_mode_gives_the_same_rows(story, lab, ansible):
    options = {"state": "registered", "commit_comment": "why", "region": REGIONS}
    rows = rows_of(ansible.tasks([many(NAMES, **options)], "--check", "--diff"))
    assert by_host(rows) == {name: story.rows[name] for name in NAMES}
    assert lab.writes() == []


def test_without_a_state_there_is_no_plan(story, lab, ansible):
    rows = by_host(rows_of(ansible.tasks([many(NAMES)])))
    for name in NAMES:
        if story.rows[name]["after"] is not None:
            assert rows[name] == {**story.rows[name], "steps": [], "after": None}
    refused = ["elsewhere.example.com", "pending.example.com", "no-apjc.example.com"]
    assert all(story.rows[name]["refused"] and not rows[name]["refused"] for name in refused)
    assert all(rows[name]["cloud_service"] for name in refused)
    assert not {"ENABLE", "DISABLE", "REGISTER"} & {call["line"] for call in lab.calls() if call["kind"] == "cli"}


def test_a_busy_appliance_is_not_waited_for(lab, ansible):
    enable = {"emailsec.ctr.esa_cloud_service": {"region": "europe", "wait_timeout": 0}, "ignore_errors": True}
    tasks = [{"name": "enable", **enable}, many(["gen3.example.com"], state="registered", region="europe")]
    (row,) = rows_of(ansible.tasks(tasks, hosts="gen3.example.com"))
    assert row["cloud_service"]["registration"] == row["after"]["registration"] == "in_progress"
    assert row["steps"] == ["wait until the cloud service is no longer busy"]
    assert row["msg"] is None


def test_by_default_each_host_reads_only_itself_without_progress(lab, ansible):
    hosts = ["gen3.example.com", "sma.example.com"]
    run = ansible.tasks([{"name": "own", "emailsec.ctr.esa_cloud_service_info": {}}], hosts=",".join(hosts))
    for host in hosts:
        (row,) = run.of("own", host).values["appliances"]
        assert (row["host"], row["cloud_service"]["hostname"]) == (host, host)
    assert " read, " not in run.output


def test_rows_follow_the_order_of_the_option_and_a_duplicate_host_is_read_once(lab, ansible):
    hosts = ["sma.example.com", "gen1.example.com", "sma.example.com", "gen4.example.com"]
    rows = rows_of(ansible.tasks([many(hosts, concurrency=2)], hosts="gen2.example.com"))
    assert [row["host"] for row in rows] == ["sma.example.com", "gen1.example.com", "gen4.example.com"]
    assert lab.appliance("sma.example.com")["logins"] == 1
    assert lab.appliance("gen2.example.com")["logins"] == 0, "the host of the task must not be included"


@pytest.mark.parametrize("play", [{}, {"connection": "local"}])
def test_localhost_can_read_hosts_outside_of_the_play(lab, ansible, play):
    rows = rows_of(ansible.tasks([many(["gen3.example.com", "sma.example.com"])], hosts="localhost", **play))
    assert [row["cloud_service"]["product"] for row in rows] == ["ESA", "SMA"]


def test_a_task_delegated_to_localhost_reads_the_same(lab, ansible):
    task = {**many(["gen3.example.com"]), "delegate_to": "localhost"}
    (row,) = rows_of(ansible.tasks([task]))
    assert row["cloud_service"]["hostname"] == "gen3.example.com"


def test_a_move_is_planned_if_it_is_allowed(lab, ansible):
    task = many(["elsewhere.example.com"], state="registered", region="europe", allow_reregistration=True)
    (row,) = rows_of(ansible.tasks([task]))
    assert [step.split()[0] for step in row["steps"]] == ["deregister", "set", "commit", "register"]
    assert (row["refused"], row["after"]["region"]) == (False, "europe")


def test_without_a_token_a_registration_is_refused(lab, ansible):
    task = many(["gen3.example.com", "gen3-on.example.com"], state="registered", region="europe", assume_token=False)
    fresh, registered = rows_of(ansible.tasks([task]))
    assert fresh["refused"] and "there is no registration token" in fresh["problem"]
    assert (registered["refused"], registered["steps"]) == (False, [])


NONSENSE = {
    "hosts: nobody.example.com is not in the inventory": {"hosts": ["gen3.example.com", "nobody.example.com"]},
    "concurrency is 0": {"hosts": ["gen3.example.com"], "concurrency": 0},
    "region is set without state": {"hosts": ["gen3.example.com"], "region": "europe"},
    "region: unknown region 'mars'": {"hosts": ["gen3.example.com"], "state": "enabled", "region": "mars"},
    "region: gen3.example.com is missing": {
        "hosts": ["gen3.example.com"],
        "state": "enabled",
        "region": {"gen1.example.com": "europe"},
    },
    "value of state must be one of": {"hosts": ["gen3.example.com"], "state": "gone"},
}


@pytest.mark.parametrize("said", NONSENSE)
def test_invalid_options_fail_the_task_and_nothing_is_typed(lab, ansible, said):
    run = ansible.tasks([many(**NONSENSE[said])])
    (result,) = run.results
    assert result.status == "failed"
    assert said in result.message
    assert lab.calls() == []


def test_the_time_out_of_the_task_ends_it(lab, ansible):
    """The task ends long before the time-out of the silent appliance, which would give a row."""
    with silent_port() as port:
        silent = {"silent-box": {"ansible_host": "127.0.0.1", "ansible_port": port, "ansible_connect_timeout": 600}}
        task = {**many(["silent-box", "gen3.example.com"], concurrency=2), "timeout": 2}
        run = ansible.tasks([task], "-i", ansible.inventory("more.yml", silent), hosts="gen3.example.com")
    (result,) = run.results
    assert result.status == "failed"
    # ansible-core 2.18 fails while it words its own time-out.
    assert re.search(r"Timed out after 2 second|expected time frame \(2\)|TaskTimeoutError", result.message), (
        result.message
    )
    assert "Traceback" not in run.output and "never retrieved" not in run.output, run.output
