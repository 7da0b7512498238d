# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""drift.prom, the alert rules and the dashboard in a real Prometheus."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.prometheus import prometheus_text
from tests.samples import drift

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "docs" / "monitoring"
DASHBOARD = json.loads((FILES / "grafana-dashboard.json").read_text(encoding="utf-8"))
START_SECONDS = 60


def promtool(*arguments: str, text: str | None = None) -> str:
    """Run promtool, and return its output. Its exit code must be 0."""
    command = [str(shutil.which("promtool")), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "rows", [drift.small_rows, drift.hostile_rows, lambda: ([], [])], ids=["small", "hostile", "empty"]
)
def test_promtool_accepts_the_metrics(rows: Any) -> None:
    assert (
        promtool(
            "check", "metrics", text=prometheus_text(drift.with_past(rows()) if rows()[1] else drift.build(rows()))
        )
        == ""
    )


def test_promtool_accepts_the_alert_rules() -> None:
    assert "6 rules found" in promtool("check", "rules", str(FILES / "alerts.yml"))
    assert "SUCCESS" in promtool("test", "rules", str(Path(__file__).with_name("alerts_test.yml")))


def test_every_alert_rule_has_a_test() -> None:
    rules = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
    tests = yaml.safe_load(Path(__file__).with_name("alerts_test.yml").read_text())["tests"]
    fired = {one["alertname"] for test in tests for one in test["alert_rule_test"] if one["exp_alerts"]}
    assert fired == {rule["alert"] for rule in rules}


class Prometheus:
    """A running Prometheus that reads the metrics of one document."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1/"

    def query(self, expression: str) -> list[dict[str, Any]]:
        return self._get("query", query=expression)["result"]

    def values(self, name: str) -> list[str]:
        return self._get(f"label/{name}/values")

    def _get(self, path: str, **parameters: str) -> Any:
        url = f"{self._url}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]


class _Metrics(SimpleHTTPRequestHandler):
    """Serves drift.prom as the textfile collector does, with a prefix."""

    def log_message(self, *_arguments: Any) -> None:
        pass


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Metrics, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(5)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return drift.with_past(drift.many_rows(60))


@pytest.fixture(scope="module")
def prometheus(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "web").mkdir()
    (folder / "web" / "metrics").write_text(prometheus_text(document), encoding="utf-8")
    with serving(folder / "web") as port_of_metrics:
        target = {"job_name": "node", "static_configs": [{"targets": [f"127.0.0.1:{port_of_metrics}"]}]}
        settings = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(FILES / "alerts.yml")],
            "scrape_configs": [target],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        port = free_port()
        command = [
            str(shutil.which("prometheus")),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w")) as process:
            try:
                one = Prometheus(port)
                wait_for(one, folder / "log")
                yield one
            finally:
                process.terminate()


def wait_for(prometheus: Prometheus, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError):
            if prometheus.query("emailsec_ctr_drift_report_timestamp_seconds"):
                return
        time.sleep(0.2)
    raise AssertionError(f"no metrics after {START_SECONDS} s\n{log.read_text()}")


def expressions() -> list[tuple[str, str]]:
    return [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize(("title", "expression"), expressions())
def test_every_query_of_the_dashboard_has_data(prometheus: Prometheus, title: str, expression: str) -> None:
    found = prometheus.query(expression.replace("$region", ".*"))
    assert found, f"{title}: no data for {expression}"


def test_the_queries_give_the_figures_of_the_report(prometheus: Prometheus, document: dict[str, Any]) -> None:
    queries = dict(expressions())

    def value(title: str) -> float:
        (one,) = prometheus.query(queries[title].replace("$region", ".*"))
        return float(one["value"][1])

    counts = document["counts"]
    assert value("Appliances") == 60
    assert value("Not ok") == 60 - counts["ok"]
    assert value("Age of the report") > 0
    rows = prometheus.query(queries["Appliances that are not ok"].replace("$region", ".*"))
    assert {(row["metric"]["host"], row["metric"]["verdict"]) for row in rows} == {
        (row["host"], row["verdict"]) for row in document["appliances"] if row["verdict"] != "ok"
    }
    by_region = prometheus.query(queries["Verdicts by region"].replace("$region", "europe"))
    europe = next(region for region in document["regions"] if region["region"] == "europe")
    assert {row["metric"]["verdict"]: int(row["value"][1]) for row in by_region} == europe["counts"]


def test_the_variable_of_the_dashboard_lists_the_regions(prometheus: Prometheus, document: dict[str, Any]) -> None:
    (variable,) = [one for one in DASHBOARD["templating"]["list"] if one["name"] == "region"]
    assert variable["query"]["query"] == "label_values(emailsec_ctr_drift_appliances, region)"
    assert set(prometheus.values("region")) == {region["region"] for region in document["regions"]}


def test_the_dashboard_uses_its_data_source_and_existing_metrics(document: dict[str, Any]) -> None:
    names = set(re.findall(r"^# TYPE (\S+)", prometheus_text(document), re.MULTILINE))
    for panel in DASHBOARD["panels"]:
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}, panel["title"]
        for target in panel["targets"]:
            assert set(re.findall(r"emailsec_ctr_\w+", target["expr"])) <= names
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells)) and max(x for x, _y in cells) < 24, "panels must not overlap"
