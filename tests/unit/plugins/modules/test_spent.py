# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every result of a cloud module, a failed one too, tells how many calls it made and what is left of the quota."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.modules import (
    ctr_module,
    sse_device,
    sse_device_facts,
    sse_token,
)

DEVICES = "/iroh/iroh-sse/device"
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
    iroh.trick("GET", DEVICES, status=200, body=iroh.devices, headers=TOLD)
    result = run()
    assert not result.get("failed")
    assert result["api_calls"] == len(iroh.calls)
    assert result["quota"] == {"limit": 8000, "remaining": 41}


def test_of_a_run_whose_api_says_nothing_of_a_limit(run, iroh):
    iroh.device("esa1")
    assert run()["quota"] == {"limit": None, "remaining": None}


def test_of_a_refused_option(run, iroh):
    result = run(api_url="http://localhost")
    assert result["failed"]
    assert (result["api_calls"], result["quota"]) == (0, {"limit": None, "remaining": None})
    assert iroh.calls == []


def test_of_a_failed_call(run, iroh):
    iroh.trick("GET", "/iroh/.*", status=403, body={"error": "missing_scope"}, headers=TOLD, times=9)
    result = run()
    assert result["failed"]
    assert result["api_calls"] == len(iroh.calls)
    assert result["quota"] == {"limit": 8000, "remaining": 41}


def test_of_a_refused_login(run, iroh):
    result = run(client_password="wrong")
    assert result["failed"]
    assert result["api_calls"] == 1
