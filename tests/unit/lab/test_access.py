# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OAuth2, scopes and the rate limit of the clouds."""

from __future__ import annotations

from tests.lab.lab import Lab
from tests.unit.lab.clients import basic, caller_of, with_lab

BOX = {"name": "esa1.example.com"}
DEVICE = "/iroh/iroh-sse/device"


def test_a_token_request_needs_valid_credentials() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            answer = await cloud.log_in()
            assert answer["token_type"].lower() == "bearer"
            assert answer["expires_in"] == 600
            assert set(answer["scope"].split()) == {"sse", "integration", "enrich:read", "inspect:read"}
            url = cloud.cloud.api_url + "/iroh/oauth2/token"
            store, other = lab.stores["europe"], lab.stores["americas"]
            right = basic(store.client_id, store.client_password)
            for headers in ({}, basic(store.client_id, "no"), basic(other.client_id, "no")):
                async with cloud.session.post(
                    url, data={"grant_type": "client_credentials"}, headers=headers
                ) as response:
                    assert response.status == 401
                    assert (await response.json())["error"] == "invalid_client"
            async with cloud.session.post(url, data={"grant_type": "password"}, headers=right) as response:
                assert response.status == 400

    with_lab(story, BOX, wrong_requests=True)


def test_a_bearer_token_of_this_region_is_required() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe", log_in=False) as cloud, caller_of(lab, "americas") as other:
            await cloud.refused(401, "invalid_request", "GET", DEVICE)
            cloud.headers = other.headers
            await cloud.refused(401, "invalid_request", "GET", DEVICE)

    with_lab(story, BOX)


def test_an_access_token_expires() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await cloud.refused(401, "invalid_request", "GET", DEVICE)

    with_lab(story, BOX, access_token_seconds=0)


def test_a_missing_scope_is_named() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            await cloud.expect(200, "GET", DEVICE)
            assert "integration" in await cloud.refused(403, "missing_scope", "GET", "/iroh/iroh-int/module-type")

    with_lab(story, BOX, scopes=["sse"])


def test_requests_above_the_rate_limit_are_refused() -> None:
    async def story(lab: Lab) -> None:
        async with caller_of(lab, "europe") as cloud:
            for remaining in (2, 1, 0):
                status, _, headers = await cloud.call("GET", DEVICE)
                assert status == 200
                assert headers["X-Ratelimit-Org-Limit"] == "3"
                assert headers["X-Ratelimit-Org-Remaining"] == str(remaining)
            status, body, headers = await cloud.call("GET", DEVICE)
            assert (status, body["error"]) == (429, "too_many_requests")
            assert headers["X-Ratelimit-Org-Remaining"] == "0"
            assert headers["Retry-After"].endswith("s")
            await cloud.log_in()

    with_lab(story, BOX, rate_limit=3)
