# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user of the drift report sees when something is amiss around it."""

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
from tests.integration.support.ports import closed_port
from tests.integration.support.troubles import report_row

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
    """Make the report, with an inventory of these hosts and variables over that of the lab."""

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
def test_one_appliance_is_unreachable(report, ansible, host):
    with closed_port() as port:
        run = report(hosts={host: {"ansible_port": port}})
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    row = appliances(report_of(ansible))[host]
    assert (row["verdict"], row["steps"], row["hostname"]) == ("unknown", [], None)
    assert "the connection is refused" in row["reason"]
    usual = {"a1.example.com": "ok", "a2.example.com": "ok", "a3.example.com": "drift"}
    assert verdicts(report_of(ansible)) == {**usual, host: "unknown"}
    assert "the connection is refused" in report_row(run, host)
    assert "3 of 3 read, 1 failed" in run.output


def test_a_wrong_password_is_said_and_not_shown(report, ansible):
    run = report("-vvv", hosts={"a1.example.com": {"ansible_password": "Wr0ng-passw0rd"}})
    row = appliances(report_of(ansible))["a1.example.com"]
    assert row["verdict"] == "unknown"
    assert "may not log in" in row["reason"] and "Fix: " in row["reason"]
    assert "Wr0ng-passw0rd" not in run.output
    for name in FILES:
        assert "Wr0ng-passw0rd" not in (ansible.folder / FOLDER / name).read_text(encoding="utf-8")


def test_all_appliances_are_unreachable(report, ansible):
    with closed_port() as port:
        run = report(hosts={f"a{n}.example.com": {"ansible_port": port} for n in (1, 2, 3)})
    assert run.rc == 0, run.output
    document = report_of(ansible)
    assert document["counts"] == {"unknown": 3, "refused": 0, "drift": 0, "ok": 0}
    assert "3 of 3 appliances need attention: 3 could not be read." in run.output
    assert check(regions(document)["europe"], "devices_read")["verdict"] == "ok", "the clouds were read"


def test_a_dead_region_is_the_trouble_of_its_appliances(lab, report, ansible):
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
    assert places["europe"]["verdict"] == "drift", "because of the appliance"
    assert "In the regions: AMERICAS: " in run.output


def test_modules_of_a_region_that_cannot_be_read(lab, report, ansible):
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


def test_a_wrong_setting_stops_before_anything_is_asked(lab, report, ansible):
    run = report(hosts={"a3.example.com": {"esa_ctr_region": "emea"}})
    assert run.rc != 0
    assert "a3.example.com: esa_ctr_region is 'emea'." in run.output
    assert not (ansible.folder / FOLDER).exists()
    assert {box["logins"] for box in lab.state()["appliances"].values()} == {0}


def test_a_host_that_is_no_appliance_is_left_out_by_a_pattern(lab, report, ansible):
    stranger = {"ansible_connection": "local", "ansible_host": "localhost"}
    run = report(hosts={"web.example.com": stranger})
    assert run.rc != 0
    assert "1 host of the play does not use the connection of an appliance: web.example.com" in run.output
    assert "-e esa_ctr_hosts=GROUP" in run.output
    run = report("-e", "esa_ctr_hosts=region_europe:region_americas", hosts={"web.example.com": stranger})
    assert run.rc == 0, run.output
    assert set(verdicts(report_of(ansible))) == {"a1.example.com", "a2.example.com", "a3.example.com"}


def test_no_host_makes_no_report(report, ansible):
    run = report("-e", "esa_ctr_hosts=nobody")
    assert run.rc == 0
    assert "no hosts matched" in run.output
    assert not (ansible.folder / FOLDER).exists()


@pytest.mark.parametrize(
    "fail_on, limit, fails",
    [
        ("never", "all", ""),
        ("drift", "all", "2 of 3 appliances not ok: a2.example.com, a3.example.com"),
        ("unknown", "all", "1 of 3 appliances could not be read: a2.example.com"),
        ("unknown", "a3.example.com", ""),
        ("drift", "a1.example.com", ""),
    ],
)
def test_a_pipeline_stops_where_it_is_asked_to(report, ansible, fail_on, limit, fails):
    with closed_port() as port:
        hosts = {"a2.example.com": {"ansible_port": port}}
        run = report("-e", f"esa_ctr_report_fail_on={fail_on}", "--limit", limit, hosts=hosts)
    assert (run.rc != 0) is bool(fails), run.output
    assert {path.name for path in (ansible.folder / FOLDER).iterdir() if path.is_file()} == FILES, "all is written"
    if fails:
        [failed] = [result for result in run.results if result.status == "failed"]
        assert fails in failed.message
        assert f"(esa_ctr_report_fail_on) is {fail_on}" in failed.message
        assert "drift.html" in failed.message


def test_what_is_amiss_in_a_region_stops_the_pipeline_too(lab, report):
    lab.ask("europe", "POST", "/iroh/iroh-sse/device", {"name": "orphan.example.com"})
    run = report("-e", "esa_ctr_report_fail_on=drift", "--limit", "a1.example.com")
    assert run.rc != 0
    assert "not ok in the region EUROPE" in run.output
    assert "orphan.example.com" in run.output


def test_the_formats_are_chosen(report, ansible):
    formats = '{"esa_ctr_report_formats": ["csv", "prom"], "esa_ctr_report_dir": "other"}'
    run = report("-e", formats)
    assert run.rc == 0, run.output
    written = {path.name for path in (ansible.folder / "other").iterdir() if path.is_file()}
    assert written == {"drift.json", "drift.csv", "drift.prom"}, "the document is always there"
    assert "HOST " not in run.output, "no table"
    assert f"Report: {ansible.folder / 'other' / 'drift.json'}" in run.output
    assert not (ansible.folder / FOLDER).exists()


def test_a_format_that_there_is_not_is_named(report):
    run = report("-e", '{"esa_ctr_report_formats": ["pdf"]}')
    assert run.rc != 0
    assert "pdf" in run.output and "table, json, html, csv, md, junit, prom" in run.output


def test_a_folder_that_cannot_be_written_to_is_an_error_with_a_fix(report, ansible):
    """Whoever runs the tests: a file stands in the place of the folder."""
    (ansible.folder / FOLDER).write_text("in the way", encoding="utf-8")
    run = report()
    assert run.rc != 0
    [failed] = [result for result in run.results if result.status == "failed"]
    assert failed.message.startswith(f"The drift report cannot be written to {ansible.folder / FOLDER} (")
    assert "Fix: choose another folder with esa_ctr_report_dir." in failed.message


def test_a_file_system_that_takes_nothing_is_an_error_too(report):
    """Not even root can make a folder there."""
    run = report("-e", "esa_ctr_report_dir=/proc/esa-ctr-report")
    assert run.rc != 0
    assert "The drift report cannot be written to /proc/esa-ctr-report (" in run.output
    assert "Fix: choose another folder with esa_ctr_report_dir." in run.output
