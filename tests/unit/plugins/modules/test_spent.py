# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every result of a cloud module, a failed one too, tells how many calls it made and what is left of the quota."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import UNKNOWN_QUOTA
from ansible_collections.emailsec.ctr.plugins.modules import (
    ctr_module,
    sse_device,
    sse_device_facts,
    sse_token,
)

TOLD = {"X-Ratelimit-Org-Limit": "8000", "X-Ratelimit-Org-Remaining": "41"}
MODULES = {
    "sse_token": (sse_token.main, {"devices": ["esa1"]}),
    "sse_device_facts": (sse_device_facts.main, {}),
    "sse_device": (sse_device.main, {"devices": [{"name": "esa1"}]}),
    "ctr_module": (ctr_module.main, {"name": "ESA 1", "device": "esa1", "state": "absent"}),
}


@pytest.fixture(params=MODULES)
def run(request, run_module):
    main, options = MODULES[request.param]
    return lambda **more: run_module(main, tokens_shown=True, **options, **more)


def test_of_a_run_that_does_its_work(run, iroh):
    iroh.device("esa1")
    for method in ("GET", "POST"):
        iroh.trick(method, "/iroh/.*", changes=lambda *good: (*good[:2], {**good[2], **TOLD}), times=9)
    result = run()
    assert not result.get("failed")
    assert result["api_calls"] == len(iroh.calls)
    assert (result["quota"]["limit"], result["quota"]["remaining"]) == (8000, 41)
    assert result["quota"]["said_at"]


def test_of_a_run_whose_api_says_nothing_of_a_limit(run, iroh):
    iroh.device("esa1")
    assert run()["quota"] == UNKNOWN_QUOTA


def test_of_a_refused_option(run, iroh):
    result = run(api_url="http://localhost")
    assert result["failed"]
    assert (result["api_calls"], result["quota"]) == (0, UNKNOWN_QUOTA)
    assert iroh.calls == []


def test_of_a_failed_call(run, iroh):
    iroh.trick("GET", "/iroh/.*", status=403, body={"error": "missing_scope"}, headers=TOLD, times=9)
    result = run()
    assert result["failed"]
    assert result["api_calls"] == len(iroh.calls)
    assert (result["quota"]["limit"], result["quota"]["remaining"]) == (8000, 41)
    assert result["quota"]["said_at"]


def test_a_429_that_was_waited_out_says_nothing_of_what_is_left(run, iroh):
    iroh.device("esa1")
    used_up = {"X-Ratelimit-Org-Limit": "8000", "X-Ratelimit-Org-Remaining": "0", "Retry-After": "0"}
    iroh.trick("GET", "/iroh/.*", status=429, headers=used_up, times=1)
    result = run()
    assert not result.get("failed")
    assert result["quota"] == UNKNOWN_QUOTA


def test_of_a_refused_login(run, iroh):
    result = run(client_password="wrong")
    assert result["failed"]
    assert result["api_calls"] == 1


def test_of_a_wrong_profile_that_stops_it_before_any_call(run, iroh):
    result = run(profile={"ports": {"api": 0}})
    assert "ports.api has an invalid value" in result["msg"]
    assert (result["failed"], result["api_calls"], result["quota"]) == (True, 0, UNKNOWN_QUOTA)
    assert iroh.calls == []
