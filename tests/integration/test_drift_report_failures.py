# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of the drift report: unreachable appliances, failed regions, wrong settings and unwritable folders."""

from __future__ import annotations

import copy

import pytest

from tests.integration.support.drift_report import (
    FOLDER,
    appliances,
    check,
    regions,
    report_of,
    verdicts,
)
from tests.integration.support.failures import report_row
from tests.integration.support.ports import closed_port

EUROPE = {"enabled": True, "region": "europe", "registered": True, "module": True}
AMERICAS = {**EUROPE, "region": "americas"}
FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1},
    "appliances": [
        {"name": "a1.example.com", "region": "europe", "initial": EUROPE},
        {"name": "a2.example.com", "region": "americas", "initial": AMERICAS},
        {"name": "a3.example.com", "region": "europe", "initial": {**EUROPE, "module_enabled": False}},
    ],
}
FILES = {"drift.json", "drift.html", "drift.csv", "drift.md", "drift.junit.xml", "drift.prom"}


@pytest.fixture
def report(lab, ansible):
    """Run the report with an inventory of these hosts and variables on top of the lab's inventory."""

    def run(*arguments, hosts=None, **shared):
        inventory = ["-i", ansible.inventory("override.yml", hosts or {}, **shared)] if hosts or shared else []
        written = len(lab.writes())
        run = ansible.playbook("emailsec.ctr.drift_report", *inventory, *arguments)
        assert "Traceback" not in run.output
        assert len(lab.writes()) == written
        return run

    return run


def accounts(lab, **changes):
    changed = copy.deepcopy(lab.regions)
    for region, account in changed.items():
        account["ca_path"] = str(lab.folder / "ca.pem")
        account.update(changes.get(region, {}))
    return changed


@pytest.mark.parametrize("host", ["a1.example.com", "a3.example.com"], ids=["first", "last"])
def test_one_unreachable_appliance_is_reported(report, ansible, host):
    with closed_port() as port:
        run = report(hosts={host: {"ansible_port": port}})
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    row = appliances(report_of(ansible))[host]
    assert (row["verdict"], row["steps"], row["hostname"]) == ("unknown", [], None)
    assert "connection refused" in row["reason"]
    usual = {"a1.example.com": "ok", "a2.example.com": "ok", "a3.example.com": "drift"}
    assert verdicts(report_of(ansible)) == {**usual, host: "unknown"}
    assert "connection refused" in report_row(run, host)
    assert "3 of 3 read, 1 failed" in run.output


def test_a_wrong_password_is_reported_without_showing_it(report, ansible):
    run = report("-vvv", hosts={"a1.example.com": {"ansible_password": "Wr0ng-passw0rd"}})
    row = appliances(report_of(ansible))["a1.example.com"]
    assert row["verdict"] == "unknown"
    assert "may not log in" in row["reason"] and "Fix: " in row["reason"]
    assert "Wr0ng-passw0rd" not in run.output
    for name in FILES:
        assert "Wr0ng-passw0rd" not in (ansible.folder / FOLDER / name).read_text(encoding="utf-8")


def test_the_clouds_are_reported_if_all_appliances_are_unreachable(report, ansible):
    with closed_port() as port:
        run = report(hosts={f"a{n}.example.com": {"ansible_port": port} for n in (1, 2, 3)})
    assert run.rc == 0, run.output
    document = report_of(ansible)
    assert document["counts"] == {"unknown": 3, "refused": 0, "drift": 0, "ok": 0}
    assert "3 of 3 appliances need attention: 3 could not be read." in run.output
    assert check(regions(document)["europe"], "devices_read")["verdict"] == "ok", "the clouds must be read"


def test_an_unreachable_region_affects_only_its_appliances(lab, report, ansible):
    with closed_port() as port:
        run = report(esa_ctr_regions=accounts(lab, americas={"api_url": f"https://127.0.0.1:{port}"}))
    assert run.rc == 0, run.output
    document = report_of(ansible)
    assert verdicts(document) == {"a1.example.com": "ok", "a2.example.com": "unknown", "a3.example.com": "drift"}
    rows, places = appliances(document), regions(document)
    assert f"127.0.0.1:{port}" in rows["a2.example.com"]["reason"]
    assert {check(rows["a2.example.com"], code)["verdict"] for code in ("enabled", "server", "registration")} == {"ok"}
    assert {check(rows["a2.example.com"], code)["verdict"] for code in ("sse_record", "module")} == {"unknown"}
    assert "americas could not be read" in check(rows["a1.example.com"], "sse_region")["reason"]
    assert (places["americas"]["verdict"], places["americas"]["quota"]) == ("unknown", None)
    assert places["europe"]["verdict"] == "drift", "blames the appliance"
    assert "Region checks: AMERICAS: " in run.output


def test_modules_that_cannot_be_read_are_reported_for_their_region(lab, report, ansible):
    lab.switch(region="europe", set={"scopes": ["sse"]})
    run = report()
    assert run.rc == 0, run.output
    rows = appliances(report_of(ansible))
    assert {host: row["verdict"] for host, row in rows.items()} == {
        "a1.example.com": "unknown",
        "a2.example.com": "ok",
        "a3.example.com": "unknown",
    }
    assert check(rows["a1.example.com"], "sse_record")["verdict"] == "ok"
    assert check(rows["a1.example.com"], "module")["verdict"] == "unknown"
    assert "the region europe failed" in check(rows["a1.example.com"], "module")["reason"]
    assert "missing" in check(regions(report_of(ansible))["europe"], "modules_read")["reason"]


def test_a_wrong_setting_stops_the_report_before_any_call(lab, report, ansible):
    run = report(hosts={"a3.example.com": {"esa_ctr_region": "emea"}})
    assert run.rc != 0
    assert "a3.example.com: esa_ctr_region is 'emea'." in run.output
    assert not (ansible.folder / FOLDER).exists()
    assert {box["logins"] for box in lab.state()["appliances"].values()} == {0}


def test_a_pattern_excludes_a_host_that_is_not_an_appliance(lab, report, ansible):
    stranger = {"ansible_connection": "local", "ansible_host": "localhost"}
    run = report(hosts={"web.example.com": stranger})
    assert run.rc != 0
    assert "ansible_connection: 1 host of the play does not use emailsec.ctr.asyncos: web.example.com" in run.output
    assert "-e esa_ctr_hosts=GROUP" in run.output
    run = report("-e", "esa_ctr_hosts=region_europe:region_americas", hosts={"web.example.com": stranger})
    assert run.rc == 0, run.output
    assert set(verdicts(report_of(ansible))) == {"a1.example.com", "a2.example.com", "a3.example.com"}


def test_without_hosts_there_is_no_report(report, ansible):
    run = report("-e", "esa_ctr_hosts=nobody")
    assert run.rc == 0
    assert "no hosts matched" in run.output
    assert not (ansible.folder / FOLDER).exists()


@pytest.mark.parametrize(
    "fail_on, limit, fails",
    [
        ("never", "all", ""),
        ("drift", "all", "2 of 3 appliances not ok: a2.example.com, a3.example.com"),
        ("unknown", "all", "1 of 3 appliances not read: a2.example.com"),
        ("unknown", "a3.example.com", ""),
        ("drift", "a1.example.com", ""),
    ],
)
def test_the_report_fails_at_the_chosen_severity(report, ansible, fail_on, limit, fails):
    with closed_port() as port:
        hosts = {"a2.example.com": {"ansible_port": port}}
        run = report("-e", f"esa_ctr_report_fail_on={fail_on}", "--limit", limit, hosts=hosts)
    assert (run.rc != 0) is bool(fails), run.output
    assert {path.name for path in (ansible.folder / FOLDER).iterdir() if path.is_file()} == FILES, (
        "every format must be written"
    )
    if fails:
        [failed] = [result for result in run.results if result.status == "failed"]
        assert fails in failed.message
        assert f"(esa_ctr_report_fail_on) is {fail_on}" in failed.message
        assert "drift.html" in failed.message


def test_a_finding_in_a_region_fails_the_report_too(lab, report):
    lab.ask("europe", "POST", "/iroh/iroh-sse/device", {"name": "orphan.example.com"})
    run = report("-e", "esa_ctr_report_fail_on=drift", "--limit", "a1.example.com")
    assert run.rc != 0
    assert "not ok in the region EUROPE" in run.output
    assert "orphan.example.com" in run.output


def test_the_chosen_formats_are_written(report, ansible):
    formats = '{"esa_ctr_report_formats": ["csv", "prom"], "esa_ctr_report_dir": "other"}'
    run = report("-e", formats)
    assert run.rc == 0, run.output
    written = {path.name for path in (ansible.folder / "other").iterdir() if path.is_file()}
    assert written == {"drift.json", "drift.csv", "drift.prom"}, "the JSON document is always written"
    assert "HOST " not in run.output, "no table"
    assert f"Report: {ansible.folder / 'other' / 'drift.json'}" in run.output
    assert not (ansible.folder / FOLDER).exists()


def test_an_unknown_format_is_named(report):
    run = report("-e", '{"esa_ctr_report_formats": ["pdf"]}')
    assert run.rc != 0
    assert "pdf" in run.output and "table, json, html, csv, md, junit, prom" in run.output


def test_an_unwritable_folder_is_an_error_with_a_fix(report, ansible):
    """A file in place of the folder fails for every user, also for root."""
    (ansible.folder / FOLDER).write_text("in the way", encoding="utf-8")
    run = report()
    assert run.rc != 0
    [failed] = [result for result in run.results if result.status == "failed"]
    assert failed.message.startswith(f"cannot write the drift report to {ansible.folder / FOLDER} (")
    assert "Fix: choose another folder with esa_ctr_report_dir." in failed.message


def test_a_read_only_file_system_is_an_error_with_a_fix(report):
    """Not even root can create a folder there."""
    run = report("-e", "esa_ctr_report_dir=/proc/esa-ctr-report")
    assert run.rc != 0
    assert "cannot write the drift report to /proc/esa-ctr-report (" in run.output
    assert "Fix: choose another folder with esa_ctr_report_dir." in run.output
