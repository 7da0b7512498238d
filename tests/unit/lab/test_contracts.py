# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every exchange is checked against the contracts, and violations are reported without values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.lab.contracts import openapi, swagger
from tests.lab.contracts.description import Document, Schema, find
from tests.lab.lab import Lab
from tests.unit.lab.clients import Caller, caller_of, with_lab

ONBOARDED = {
    "name": "esa1.example.com",
    "initial": {"enabled": True, "region": "europe", "registered": True, "module": True},
}
DEVICE = "/iroh/iroh-sse/device"
INSTANCE = "/iroh/iroh-int/module-instance"
TYPE = "/iroh/iroh-int/module-type"


async def contract(lab: Lab) -> dict[str, Any]:
    async with aiohttp.request("GET", lab.control.url + "/contract") as response:
        assert response.status == 200
        return await response.json()


async def whole_exchange(cloud: Caller) -> int:
    """Call every operation that the collection uses once, correctly; return the number of requests."""
    store = cloud.cloud.store
    device = await cloud.expect(201, "POST", DEVICE, {"name": "new", "tokenExpiry": 7200})
    path = f"{DEVICE}/{device['id']}"
    await cloud.expect(200, "POST", f"{path}/token", {"tokenExpiry": 3600})
    await cloud.expect(200, "PATCH", path, {"description": "words"})
    await cloud.expect(200, "GET", path)
    await cloud.expect(204, "DELETE", path)
    [known] = await cloud.expect(200, "GET", f"{DEVICE}?limit=1000&offset=0")
    types = await cloud.expect(200, "GET", f"{TYPE}?limit=1000&offset=0")
    [old] = await cloud.expect(200, "GET", f"{INSTANCE}?module_type_id={store.module_type_for('ESA')['id']}")
    await cloud.expect(200, "GET", f"{TYPE}/{types[0]['id']}")
    fields = {key: old[key] for key in ("module_type_id", "visibility", "settings", "enabled")}
    made = await cloud.expect(201, "POST", INSTANCE, {**fields, "name": "Second"})
    await cloud.expect(200, "PATCH", f"{INSTANCE}/{made['id']}", {"name": "Third", "enabled": False})
    await cloud.expect(200, "POST", f"/iroh/iroh-enrich/health/{old['id']}")
    await cloud.expect(204, "DELETE", f"{INSTANCE}/{made['id']}")
    await cloud.expect(404, "DELETE", f"{INSTANCE}/{made['id']}")
    assert known["status"] == "Registered"
    return 14


def test_a_complete_exchange_keeps_the_contracts() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            asked = await whole_exchange(cloud)
            seen = await contract(lab)
            # the login is one more
            assert (seen["requests"], seen["answers"], seen["violations"]) == (asked + 1, asked + 1, [])

    with_lab(story, ONBOARDED)


def test_the_vendors_descriptions_agree() -> None:
    """Check the same exchange against the vendor's files, which are not part of the project."""
    missing = swagger.why_missing()
    if missing:
        pytest.skip(missing)

    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await whole_exchange(cloud)
            seen = await contract(lab)
            # the vendor does not describe the log-in and six requests of iroh-sse
            assert (seen["vendor"]["requests"], seen["vendor"]["answers"], seen["violations"]) == (8, 8, [])
            await cloud.call("POST", INSTANCE, {"name": "x", "module_type_id": "y", "visibility": "everybody"})
            await cloud.call("GET", f"{INSTANCE}?limit=many")
            wrong = [one["wrong"] for one in (await contract(lab))["violations"] if "vendor" in one["contract"]]
            assert wrong == [
                ['body.visibility: must keep to enum ["global", "org", "user"]'],
                ["query.limit: must be a whole number"],
            ]

    with_lab(story, ONBOARDED, wrong_requests=True)


def test_missing_descriptions_of_the_vendor_are_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(swagger.VARIABLE, str(tmp_path))
    why = swagger.why_missing()
    assert why is not None and "\n" not in why
    assert str(tmp_path) in why and "iroh-int.swagger.json" in why and swagger.VARIABLE in why


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("POST", DEVICE, {}, "body: name missing"),
        ("POST", DEVICE, {"name": 7}, "body.name: must be string, not integer"),
        ("POST", DEVICE, {"name": "n", "hunter": "hunter2"}, "body: hunter not described"),
        ("POST", DEVICE, {"name": "n", "tokenExpiry": 60}, "body.tokenExpiry: must keep to enum"),
        ("POST", DEVICE, None, "body: is missing"),
        ("GET", f"{DEVICE}?limit=2000", None, "query.limit: must keep to maximum 1000"),
        ("GET", f"{DEVICE}?colour=hunter2", None, "query.colour: is not a parameter of this operation"),
        ("GET", f"{DEVICE}/hunter2", None, 'path.id: must keep to format "uuid"'),
        ("PATCH", f"{INSTANCE}/x", {"visibility": "hunter2"}, "body: visibility not described"),
        ("POST", INSTANCE, [], "body: must be object, not array"),
        ("DELETE", TYPE, None, "is no operation of the project's description"),
    ],
)
def test_a_request_that_breaks_the_contract_is_found(method: str, path: str, body: Any, wrong: str) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await cloud.call(method, path, body)
            violations = (await contract(lab))["violations"]
            [one] = [one for one in violations if one["contract"] == "the project's description"]
            assert (one["region"], one["method"], one["path"]) == ("europe", method, path.partition("?")[0])
            assert one["part"] == "request"
            assert any(text.startswith(wrong) for text in one["wrong"]), one
            assert "hunter2" not in json.dumps({**one, "path": ""})

    with_lab(story, ONBOARDED, wrong_requests=True)


def test_an_answer_that_breaks_the_contract_is_found() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            [device] = lab.stores["europe"].devices.values()
            device["status"] = 7
            del device["name"]
            await cloud.expect(200, "GET", DEVICE)
            [one] = (await contract(lab))["violations"]
            assert (one["part"], one["status"]) == ("answer", 200)
            assert sorted(one["wrong"]) == [
                "body[0].status: must be string, not integer",
                "body[0]: name missing",
            ]
            lab.watch.clear()

    with_lab(story, ONBOARDED)


def test_answers_of_faults_are_not_checked_but_their_requests_are() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            lab.faults.add({"kind": "html", "method": "GET", "status": 403})
            async with cloud.session.get(cloud.cloud.api_url + DEVICE, headers=cloud.headers) as response:
                assert response.status == 403
            seen = await contract(lab)
            assert (seen["requests"], seen["answers"], seen["violations"]) == (2, 1, [])

    with_lab(story, ONBOARDED)


def test_reset_forgets_counts() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe"):
            lab.reset()
            seen = await contract(lab)
            assert (seen["requests"], seen["answers"]) == (0, 0)

    with_lab(story, ONBOARDED)


def test_swagger_becomes_json_schema() -> None:
    tree = {
        "definitions": {
            "Part": {"type": "string"},
            "Whole": {
                "type": "object",
                "properties": {
                    "nullable": {"type": "integer", "format": "int64", "x-nullable": True},
                    "part": {"$ref": "#/definitions/Part", "x-nullable": True},
                    "either": {"x-oneOf": [{"type": "boolean"}, {"type": "integer"}], "example": True},
                },
                "additionalProperties": False,
            },
        }
    }
    schema = Schema(Document("test", swagger.as_json_schema(tree)), "/definitions/Whole")
    assert schema.problems({"nullable": None, "part": None, "either": True}, "body") == []
    assert schema.problems({"nullable": 1, "part": "x", "either": 3}, "body") == []
    found = schema.problems({"nullable": "1", "part": 2, "either": "x", "more": 1}, "body")
    assert [text.split(":")[0] for text in found] == ["body.nullable", "body.part", "body.either", "body"]


def test_a_repeated_record_is_checked_again() -> None:
    operation = find(openapi.own_operations(), "GET", DEVICE)
    assert operation is not None
    headers = {"Content-Type": "application/json", "X-Total-Hits": "2"}
    good = {"id": "0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11", "name": "a", "status": "Registered"}
    for records, wrong in (([good, good], 0), ([good, {**good, "status": None}], 1), ([good, good], 0)):
        assert len(operation.problems_of_answer(200, headers, json.dumps(records).encode())) == wrong
    assert operation.problems_of_answer(200, {"Content-Type": "text/html"}, b"<html>") == [
        "headers.X-Total-Hits: is required",
        "body: must be application/json, not text/html",
    ]
