# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action in real playbooks: it writes all files before it fails, and shows what is not ok."""

from __future__ import annotations

import json
import os
import re

import pytest

from ansible_collections.emailsec.ctr.plugins.action.fleet_drift_report import ActionModule
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.evidence import Searches, TrackingOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack
from tests.samples import drift
from tests.unit.plugins.action.controller import run_action
from tests.unit.plugins.module_utils.cloud.playbooks import play
from tests.unit.plugins.module_utils.fleet.picture import Box, Picture, onboarded
from tests.unit.plugins.module_utils.report.drawn import faults

FILES = {"drift.json", "drift.html", "drift.csv", "drift.md", "drift.junit.xml", "drift.prom"}
FINE = ([drift.region("europe")], [drift.appliance("esa1.example.com")])


@pytest.fixture
def report(tmp_path):
    """Return a function that runs the action on regions and appliances in one folder."""

    def run(rows, *arguments, **options):
        values = {"regions": rows[0], "appliances": rows[1], "dest": "{{ playbook_dir }}/reports/drift", **options}
        return play(tmp_path, {"emailsec.ctr.fleet_drift_report": values}, *arguments, verbose="")

    return run


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "reports" / "drift"


def written(folder) -> set[str]:
    return {name for name in os.listdir(folder) if name != "history"} if folder.exists() else set()


def document(folder) -> dict:
    return json.loads((folder / "drift.json").read_text(encoding="utf-8"))


def test_a_report_writes_all_files_and_shows_a_table_and_a_summary(report, folder) -> None:
    played = report(drift.small_rows())
    assert written(folder) == FILES
    assert faults(document(folder)) == []
    seen = played.registered
    assert (seen["failed"], seen["changed"], seen["verdict"]) == (False, False, "unknown")
    assert seen["counts"] == {"unknown": 1, "refused": 1, "drift": 3, "ok": 3}
    assert seen["previous"] is None
    assert seen["dest"] == str(folder / "drift.html")
    assert set(seen["files"].values()) == {str(folder / name) for name in FILES}
    lines = played.output.splitlines()
    shown = [line.split()[:3] for line in lines if re.match(r"\S+\.example\.com  ", line)]
    assert shown == [
        ["esa7.example.com", "europe", "unknown"],
        ["esa3.example.com", "americas", "refused"],
        ["esa2.example.com", "europe", "drift"],
        ["esa5.example.com", "apjc", "drift"],
        ["esa6.example.com", "apjc", "drift"],
    ]
    end = lines.index(f"Report: {folder / 'drift.html'}")
    first = next(
        place for place, line in enumerate(lines) if line.startswith("Drift: 5 of 8 appliances need attention")
    )
    assert 0 < end - first <= 5


def test_the_release_of_the_collection_and_the_time_are_in_the_report(report, folder) -> None:
    report(FINE, title="Drift of the lab", formats=["json"])
    found = document(folder)
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["collection"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["created"])
    assert found["title"] == "Drift of the lab"


def test_only_the_requested_formats_are_written(report, folder) -> None:
    played = report(drift.small_rows(), formats=["csv", "prom"])
    assert written(folder) == {"drift.json", "drift.csv", "drift.prom"}
    assert "VERDICT" not in played.output
    assert f"Report: {folder / 'drift.json'}" in played.output.splitlines()


@pytest.mark.parametrize(("fail_on", "fails"), [("never", False), ("drift", True), ("unknown", True)])
def test_it_fails_after_everything_is_written(report, folder, fail_on, fails) -> None:
    seen = report(drift.small_rows(), fail_on=fail_on).registered
    assert seen["failed"] is fails
    assert written(folder) == FILES
    assert len(os.listdir(folder / "history")) == 1
    if fails:
        assert f"see the report {folder / 'drift.html'}." in seen["msg"]
        assert "esa7.example.com" in seen["msg"]


def test_it_does_not_fail_if_all_is_ok(report) -> None:
    seen = report(FINE, fail_on="drift").registered
    assert (seen["failed"], seen["verdict"]) == (False, "ok")


def test_check_mode_writes_the_same_report(report, folder) -> None:
    seen = report(drift.small_rows(), "--check").registered
    assert (written(folder), seen["changed"]) == (FILES, False)


def test_the_next_report_shows_the_changes(report, folder) -> None:
    rows = [drift.appliance("esa1.example.com"), drift.appliance("esa2.example.com")]
    report(([], rows), formats=["json"])
    first = document(folder)["created"]
    entry = folder / "history" / f"drift-{re.sub('[-:]', '', first)}.json"
    assert entry.is_file()
    # Make the entry older, because two reports in one second have the same file name.
    older = "2026-01-02T03:04:05Z"
    entry.rename(folder / "history" / "drift-20260102T030405Z.json")
    entry = folder / "history" / "drift-20260102T030405Z.json"
    entry.write_text(entry.read_text().replace(first, older))
    rows = [drift.appliance("esa1.example.com", worse=drift.timeframe()), drift.appliance("esa3.example.com")]
    played = report(([], rows), formats=["html"])
    found = document(folder)
    assert found["previous"]["changed"] == [
        {"host": "esa1.example.com", "region": "europe", "from": "ok", "to": "drift"}
    ]
    assert [row["host"] for row in found["previous"]["added"]] == ["esa3.example.com"]
    assert [row["host"] for row in found["previous"]["gone"]] == ["esa2.example.com"]
    assert [entry["created"] for entry in found["history"]] == [older, found["created"]]
    seen = played.registered["previous"]
    assert (seen["changed"], seen["added"], seen["gone"]) == (1, 1, 1)
    assert "1 worse, 1 new, 1 no longer in the report (esa1.example.com ok to drift)" in played.output


@pytest.mark.parametrize("content", ["{", '{"schema_version": 0}', '{"schema_version": 1, "rows": []}'])
def test_an_invalid_report_is_replaced_with_a_warning(report, folder, content) -> None:
    folder.mkdir(parents=True)
    (folder / "drift.json").write_text(content)
    played = report(FINE)
    assert played.registered["failed"] is False
    assert len(played.registered["warnings"]) == 1
    assert "skipped in the comparison" in played.registered["warnings"][0]
    assert "WARNING" in played.output
    assert document(folder)["previous"] is None


def test_keep_limits_the_history(report, folder) -> None:
    (folder / "history").mkdir(parents=True)
    entry = {"schema_version": 1, "verdict": "ok", "counts": {"unknown": 0, "refused": 0, "drift": 0, "ok": 1}}
    for hour in range(5):
        created = f"2026-01-02T0{hour}:00:00Z"
        path = folder / "history" / f"drift-20260102T0{hour}0000Z.json"
        path.write_text(json.dumps({**entry, "created": created}))
    report(FINE, keep=3, formats=["json"])
    assert [entry["created"][11:13] for entry in document(folder)["history"]][:2] == ["03", "04"]
    assert len(document(folder)["history"]) == len(os.listdir(folder / "history")) == 3


def test_a_folder_that_cannot_be_created(report, tmp_path) -> None:
    (tmp_path / "reports").write_text("a file")
    seen = report(FINE).registered
    assert seen["failed"] and "esa_ctr_report_dir" in seen["msg"] and "Fix" in seen["msg"]


def test_an_invalid_row_is_named(report, folder) -> None:
    seen = report(([], [{"host": "esa1.example.com"}])).registered
    assert seen["failed"] and "the appliance esa1.example.com has no region" in seen["msg"]
    assert written(folder) == set()


def test_hostile_texts_cannot_control_the_terminal(report, folder) -> None:
    played = report(drift.hostile_rows())
    assert written(folder) == FILES
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", played.output)


def reported(picture: Picture, folder, **more) -> tuple[dict, dict]:
    """Return the result and the document of a report of a reading."""
    options = {"reading": pack(picture.state()), "dest": str(folder), "formats": ["json"], **more}
    seen = run_action(ActionModule, options)
    return seen, document(folder)


def test_a_reading_is_compared_with_the_inventory(folder) -> None:
    picture = onboarded("a", "b")
    picture.boxes[1] = Box("b", days=60)
    seen, found = reported(picture, folder)
    assert (seen["verdict"], seen["counts"]["ok"], seen["counts"]["drift"]) == ("drift", 1, 1)
    assert "findings" not in seen
    assert faults(found) == []
    rows = picture.report()
    assert {row["host"]: row["steps"] for row in found["appliances"]} == {
        host: row["steps"] for host, row in rows["appliances"].items()
    }
    assert [row["region"] for row in found["regions"]] == list(rows["regions"])


def test_an_investigation_adds_a_finding_for_each_appliance(folder) -> None:
    modules = [
        {"module": host, "module_instance_id": f"module-{host}-id-{host}-registered", "status": status}
        for host, status in (("a", "ok"), ("b", "error"))
    ]
    investigation = {"results": [{"item": "europe", "health": {"modules": modules}, "errors": []}]}
    searches = Searches({"a": TrackingOutcome(message="answered 404", http_status=404)})
    more = {"investigation": investigation, "tracking": pack(searches)}
    seen, found = reported(onboarded("a", "b"), folder, **more)
    assert [row["code"] for row in seen["findings"]] == ["nothing_wrong", "module_unhealthy"]
    assert "message tracking: not read: answered 404" in seen["findings"][0]["evidence"]
    assert [row["finding"]["code"] for row in found["appliances"]] == ["nothing_wrong", "module_unhealthy"]
