# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults hit the requested requests, the requested number of times, and no others."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from tests.lab.lab import Lab
from tests.unit.lab.clients import Caller, caller_of, with_lab

BOX = {"name": "esa1.example.com"}
DEVICE = "/iroh/iroh-sse/device"
TYPE = "/iroh/iroh-int/module-type"


async def control(lab: Lab, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Return status and JSON of the control interface."""
    async with aiohttp.request(method, lab.control.url + path, json=body) as response:
        return response.status, await response.json()


async def fault(lab: Lab, kind: str, **how: Any) -> None:
    status, answer = await control(lab, "POST", "/faults", {"kind": kind, **how})
    assert status == 201, answer


async def raw(cloud: Caller, method: str, path: str, body: Any = None) -> tuple[int, str, dict[str, str]]:
    """Return status, text and headers of an answer that may not be JSON."""
    url = cloud.cloud.api_url + path
    async with cloud.session.request(method, url, json=body, headers=cloud.headers) as response:
        return response.status, await response.text(), dict(response.headers)


def names(lab: Lab) -> list[str]:
    """Return the names of Europe's devices that were added through the API."""
    return [device["name"] for device in lab.stores["europe"].devices.values() if device["status"] == "Pending"]


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ({}, "kind", "is required: one of error, answer"),
        ({"kind": "flood"}, "kind", "must be one of error, answer"),
        ({"kind": "drop", "flavour": 1}, "flavour", "is not a field"),
        ({"kind": "drop", "seconds": 1}, "seconds", "is not a field of the kind drop"),
        ({"kind": "drop", "region": "mars"}, "region", "must be one of americas, europe, apjc"),
        ({"kind": "drop", "method": "get"}, "method", "must be one of GET, POST"),
        ({"kind": "drop", "path": 7}, "path", "must be a string"),
        ({"kind": "drop", "path_regex": "("}, "path_regex", "is not a regular expression"),
        ({"kind": "drop", "path": "/a", "path_regex": "/b"}, "path_regex", "cannot be given beside path"),
        ({"kind": "drop", "count": 0}, "count", "must be a whole number from 1"),
        ({"kind": "drop", "skip": -1}, "skip", "must be a whole number from 0"),
        ({"kind": "drop", "acts": "yes"}, "acts", "must be true or false"),
        ({"kind": "error"}, "status", "is required"),
        ({"kind": "error", "status": 200}, "status", "must be a whole number from 400 to 599"),
        ({"kind": "error", "status": 403, "scopes": "sse"}, "scopes", "must be a list"),
        ({"kind": "error", "status": 429, "retry_after": "5s"}, "retry_after", "must be a whole number"),
        ({"kind": "error", "status": 429, "retry_after_form": "date"}, "retry_after_form", "needs retry_after"),
        ({"kind": "answer"}, "status", "is required"),
        ({"kind": "answer", "status": 302, "headers": {"Location": 1}}, "headers", "must be a mapping of strings"),
        ({"kind": "slow"}, "seconds", "is required"),
        ({"kind": "page_change", "change": "shuffle"}, "change", "must be one of insert, remove, swap"),
        ({"kind": "quota"}, "remaining", "is required"),
        ([], "", "must be a mapping"),
    ],
)
def test_an_invalid_fault_is_refused_and_the_field_is_named(body: Any, field: str, problem: str) -> None:
    async def story(lab: Lab) -> None:
        status, answer = await control(lab, "POST", "/faults", body)
        assert (status, answer["field"]) == (400, field)
        assert problem in answer["error"]
        assert await control(lab, "GET", "/faults") == (200, [])

    with_lab(story, BOX)


def test_a_fault_hits_the_requested_requests_as_often_as_requested() -> None:
    async def story(lab: Lab) -> None:
        await fault(lab, "error", region="europe", method="GET", path_regex=DEVICE, skip=1, count=2, status=500)
        async with caller_of(lab, "europe") as cloud, caller_of(lab, "apjc") as elsewhere:
            statuses = [(await raw(cloud, "GET", DEVICE))[0] for _time in range(5)]
            assert statuses == [200, 500, 500, 200, 200]
            await elsewhere.expect(200, "GET", DEVICE)
            await cloud.expect(200, "GET", TYPE)
            _status, [shown] = await control(lab, "GET", "/faults")
            assert (shown["kind"], shown["passed"], shown["done"], shown["status"]) == ("error", 1, 2, 500)
            await fault(lab, "error", status=500, count=99)
            await control(lab, "DELETE", "/faults")
            await cloud.expect(200, "GET", DEVICE)
            await fault(lab, "error", status=500, count=99)
            await control(lab, "POST", "/reset")
            await cloud.log_in()

    with_lab(story, BOX)


def test_an_error_has_the_requested_content() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            words = {"error": "gone_wrong", "error_description": "so it is", "trace_id": "t-1"}
            await fault(lab, "error", status=503, **words)
            assert await cloud.expect(503, "GET", DEVICE) == words
            scopes = ["sse", "integration/module-instance:read"]
            await fault(lab, "error", status=403, scopes=scopes)
            answer = await cloud.expect(403, "GET", DEVICE)
            assert (answer["error"], answer["missing-scopes"]) == ("missing_scope", scopes)
            assert answer["trace_id"]

    with_lab(story, BOX)


def test_an_answer_is_sent_as_requested() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            headers = {"Location": "https://elsewhere.example.com/", "Content-Type": "text/ä"}
            await fault(lab, "answer", status=418, reason="No ä", headers=headers, text="elsewhere")
            status, text, seen = await raw(cloud, "GET", DEVICE)
            assert (status, text, {name: seen[name] for name in headers}) == (418, "elsewhere", headers)

    with_lab(story, BOX)


def test_retry_after_has_three_forms() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            seen = []
            for form in ("seconds", "letter", "date"):
                await fault(lab, "error", status=429, retry_after=90, retry_after_form=form)
                _status, _answer, headers = await cloud.call("GET", DEVICE)
                assert headers["X-Ratelimit-Org-Remaining"] == "0"
                seen.append(headers["Retry-After"])
            assert seen[:2] == ["90", "90s"]
            ahead = parsedate_to_datetime(seen[2]) - datetime.now(UTC)
            assert timedelta(seconds=60) < ahead <= timedelta(seconds=90)

    with_lab(story, BOX)


@pytest.mark.parametrize("kind", ["drop", "html", "invalid_json", "error"])
@pytest.mark.parametrize("acts", [True, False])
def test_the_request_of_a_fault_is_carried_out_or_not(kind: str, acts: bool) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await fault(lab, kind, method="POST", acts=acts, **({"status": 502} if kind == "error" else {}))
            if kind == "drop":
                with pytest.raises(aiohttp.ClientError):
                    await raw(cloud, "POST", DEVICE, {"name": "new"})
                assert lab.recorder.calls[-1].status is None
            else:
                await raw(cloud, "POST", DEVICE, {"name": "new"})
            assert names(lab) == (["new"] if acts else [])

    with_lab(story, BOX)


def test_unreadable_answers() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await fault(lab, "html", status=502)
            status, text, headers = await raw(cloud, "GET", DEVICE)
            assert (status, headers["Content-Type"]) == (502, "text/html; charset=utf-8")
            assert text.startswith("<html>")
            await fault(lab, "invalid_json")
            status, text, headers = await raw(cloud, "GET", DEVICE)
            assert (status, text) == (200, '{"id": "')
            assert headers["Content-Type"].startswith("application/json")
            await fault(lab, "truncated", method="POST")
            with pytest.raises(aiohttp.ClientPayloadError):
                await raw(cloud, "POST", DEVICE, {"name": "half"})
            assert names(lab) == ["half"]

    with_lab(story, BOX)


def test_a_slow_request_is_carried_out_even_if_the_client_disconnects() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await fault(lab, "slow", method="POST", seconds=0.3)
            url, timeout = cloud.cloud.api_url + DEVICE, aiohttp.ClientTimeout(total=0.1)
            with pytest.raises(TimeoutError):
                await cloud.session.post(url, json={"name": "late"}, headers=cloud.headers, timeout=timeout)
            assert names(lab) == []
            started = time.monotonic()
            while names(lab) != ["late"]:
                assert time.monotonic() < started + 15
                await cloud.expect(200, "GET", DEVICE)

    with_lab(story, BOX)


@pytest.mark.parametrize(("acts", "held"), [(False, []), (True, ["held"])])
def test_a_held_request_ends_when_the_faults_are_removed(acts: bool, held: list[str]) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await fault(lab, "hold", method="POST", acts=acts)
            request = asyncio.ensure_future(raw(cloud, "POST", DEVICE, {"name": "held"}))
            await asyncio.sleep(0.2)
            assert (request.done(), names(lab)) == (False, held)
            await control(lab, "DELETE", "/faults")
            assert ((await request)[0], names(lab)) == (201, ["held"])

    with_lab(story, BOX)


@pytest.mark.parametrize(
    ("change", "first", "second"), [("insert", "abc", "abcx"), ("remove", "abc", "bc"), ("swap", "abc", "bcx")]
)
def test_a_list_can_change_between_its_pages(change: str, first: str, second: str) -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            for name in "abc":
                lab.stores["europe"].add_device(name)
                await cloud.expect(200, "GET", DEVICE)
            await fault(lab, "page_change", path=DEVICE, change=change)
            for wanted in (first, second):
                listed = [device["name"][0].replace("i", "x") for device in await cloud.expect(200, "GET", DEVICE)]
                assert "".join(sorted(listed)) == wanted

    with_lab(story, {"name": "esa1.example.com"})


def test_access_tokens_can_expire_at_once() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await fault(lab, "expire_tokens")
            await cloud.refused(401, "invalid_request", "GET", DEVICE)
            await cloud.log_in()
            await cloud.expect(200, "GET", DEVICE)

    with_lab(story, BOX)


def test_the_quota_can_run_out() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await fault(lab, "quota", remaining=2)
            seen = [await cloud.call("GET", DEVICE) for _time in range(4)]
            assert [status for status, _answer, _headers in seen] == [200, 200, 200, 429]
            assert [headers["X-Ratelimit-Org-Remaining"] for _status, _answer, headers in seen] == ["2", "1", "0", "0"]

    with_lab(story, BOX)
