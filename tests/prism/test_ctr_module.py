# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real ctr_module, whose every request to iroh-int prism finds right by the vendor's own description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.lab import Lab, running_lab
from tests.integration.support.modules import ID, ModuleRunner
from tests.prism import prism
from tests.prism.front import Front

BOX = "held.example.com"
FLEET = {"appliances": [{"name": BOX, "initial": {"enabled": True, "region": "europe", "registered": True}}]}
REGION = "europe"
TYPES, INSTANCES = "/iroh/iroh-int/module-type", "/iroh/iroh-int/module-instance"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(FLEET, tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab


@pytest.fixture(scope="module")
def front(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    why = prism.why_not()
    if why:
        pytest.skip(why)
    with prism.running_prism(tmp_path_factory.mktemp("prism")) as address:
        with Front(address, lab.regions[REGION]["api_url"], str(lab.folder / "ca.pem")) as front:
            yield front


@pytest.fixture
def run(
    lab: Lab,
    front: Front,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., dict[str, Any]]:
    ca_path = tmp_path / "front.pem"
    front.ca.cert_pem.write_to_path(str(ca_path))
    runner = ModuleRunner(lab, REGION, monkeypatch, capsys)

    def ctr_module(**options: Any) -> dict[str, Any]:
        return runner.run("ctr_module", api_url=front.url, ca_path=str(ca_path), name="Mine", **options)

    return ctr_module


def test_present_again_changed_absent_and_again(run: Callable[..., dict[str, Any]], front: Front) -> None:
    look = [f"GET {TYPES}", f"GET {INSTANCES}"]
    steps: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"device": BOX}, "created", [*look, f"POST {INSTANCES}"]),
        ({"device": BOX}, "none", look),
        ({"device": BOX, "request_timeframe_days": 60}, "updated", [*look, f"PATCH {INSTANCES}/ID"]),
        ({"device": BOX, "enabled": False, "request_timeframe_days": 60}, "updated", [*look, f"PATCH {INSTANCES}/ID"]),
        ({"state": "absent"}, "deleted", [*look, f"DELETE {INSTANCES}/ID"]),
        ({"state": "absent"}, "none", look),
    ]
    for options, action, asked in steps:
        front.verdicts.clear()
        result = run(**options)
        assert [row["action"] for row in result["modules"]] == [action], result
        assert [f"{one.method} {ID.sub('ID', one.path)}" for one in front.verdicts] == asked
        assert [one for one in front.verdicts if one.status >= 400 or one.words] == []


def test_prism_finds_what_is_wrong(front: Front) -> None:
    """The test of the test: a request that breaks the description."""
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    wrong = b'{"name": "Mine", "visibility": "everybody", "colour": "blue"}'
    verdict = front.judge("POST", INSTANCES, headers, wrong)
    assert verdict.status == 422
    for field in ("module_type_id", "visibility", "colour"):
        assert field in verdict.words
