# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes of an investigation."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.sightings import sighting_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.investigation import investigation_outcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Wanted
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import Link, Sent, Tracked, follow


def test_a_sighting_has_the_values_of_its_observables() -> None:
    seen = [{"type": "email_messageid", "value": "<20260112.1@example.com>"}, {"type": "ip", "value": "192.0.2.1"}]
    task_results = {"sightings": [sighting_of({"observables": seen}, "esa1.example.com", "m-1")]}
    (sighting,) = investigation_outcome(task_results).sightings or ()
    assert (sighting.module_id, sighting.observables) == ("m-1", ("20260112.1@example.com", "192.0.2.1"))


def test_the_sighting_of_its_module_finds_a_message() -> None:
    health = {"modules": [{"module": "esa1.example.com", "module_instance_id": "m-1", "status": "ok"}]}
    seen = [{"type": "email_messageid", "value": "<20260112.1@example.com>"}]
    task_results = {"health": health, "sightings": [sighting_of({"observables": seen}, "esa1.example.com", "m-1")]}
    region = {"europe": investigation_outcome(task_results)}
    sent = Sent("20260112.1@example.com", "2026-01-12T09:15:02Z")
    wanted = Wanted("esa1.example.com", "europe", "esa1.example.com")
    chain = follow(wanted, sent, Tracked(True, sent.message_id), health=region, investigation=region)
    assert (chain.broken, list(chain.passed)) == (None, list(Link))
