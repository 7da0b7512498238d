# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe may have read: appliances and regions of other words, for the tests of its parts."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.appliance import Step, Walk
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.compare import compare
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.document import probe_document, vocabulary
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.propose import propose
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.region import (
    DEVICES,
    HEALTH,
    INSTANCES,
    OFFSET,
    TYPES,
    Call,
    RegionRead,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._stand_ins import StandIns

UUID = "7b54ba8d-6c36-44b3-a3df-f3a9bb9c2877"
MENU = {
    "registered": "- DISABLE - Off\n- SETTRS - Server\n- DEREGISTER - Leave",
    "unregistered": "- DISABLE - Off\n- SETTRS - Server\n- REGISTER - Join",
    "disabled": "- ENABLE - On",
}
SERVERS = "1. AMERICAS (api-sse.cisco.com)\n2. EUROPE (api.eu.sse.itd.cisco.com)"
QUESTION = "Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal:"
VERSION = "Model: {model}\nVersion: 14.0.0-698\nSerial #: 564D2A9F3B1C-7E5A0C21D9F4"


def walk(
    host: str = "esa1.example.com",
    state: str = "registered",
    region: str = "europe",
    model: str = "C100V",
    status: str = "The appliance is successfully registered with the Cisco Cloud Service portal.",
    changes: str = "There are no changes to show.",
    servers: str = SERVERS,
    unknown: str = "Unknown command: emailsecctrprobe",
    **steps: str,
) -> Walk:
    """Return what an appliance showed. ``steps`` are further screens, which end in a question."""
    keyword = "ENABLE" if state == "disabled" else "SETTRS"
    screens = [
        ("version", Screen(VERSION.format(model=model), True)),
        ("unknown_command", Screen(unknown, True)),
        ("showchanges", Screen(changes, True)),
        ("cloudserviceconfig", Screen(f"{status}\n\nChoose the operation:\n{MENU[state]}\n[]>", False, "")),
        (keyword, Screen(f"{servers}\n{QUESTION}\n[1]>", False, "1")),
        *((name, Screen(f"{text}\n[]>", False, "")) for name, text in steps.items()),
    ]
    return Walk(
        host,
        region,
        login="AsyncOS 14.0.0 for Cisco C100V build 698",
        prompt=f"{host}>",
        hostname=host,
        left_questions=True,
        steps=[Step(name, name, screen, 0.1) for name, screen in screens],
    )


def device(number: int, name: str, status: str = "Registered", **more: Any) -> dict[str, Any]:
    """Return a device record in the words of the collection."""
    return {
        "id": f"0b54ba8d-6c36-44b3-a3df-f3a9bb9c28{number:02d}",
        "name": name,
        "status": status,
        "description": "Mail of Jane Doe",
        "created": "2026-11-28T03:00:00.000Z",
        **(
            {"type": "ESA", "version": "14.0.0", "ipAddress": "192.0.2.7", "connectorVersion": "1.3.34"}
            if status != "Pending"
            else {}
        ),
        **more,
    }


def module_type(number: int, title: str, device_key: str = "device", days_key: str = "days") -> dict[str, Any]:
    return {
        "id": f"1b54ba8d-6c36-44b3-a3df-f3a9bb9c28{number:02d}",
        "title": title,
        "default_name": title,
        "configuration_spec": [
            {"key": device_key, "type": "device", "label": "Registered Device", "required": True},
            {"key": days_key, "type": "integer", "label": "Request Timeframe (days)", "default_value": 30},
        ],
    }


USUAL_TYPES = (module_type(1, "Email Security Appliance"), module_type(2, "SMA Email"))


def region(
    devices: Any = (), types: Any = USUAL_TYPES, instances: Any = (), name: str = "europe", **headers: str
) -> RegionRead:
    """Return the answers of a region."""
    data = {
        DEVICES: list(devices) if isinstance(devices, tuple) else devices,
        OFFSET: list(devices)[1:3] if isinstance(devices, tuple) else [],
        TYPES: list(types),
        INSTANCES: list(instances),
        HEALTH: {"data": [{"data": {"status": "ok"}}], "errors": []},
    }
    calls = tuple(
        Call(request, 0.1, 200, 100, one, {"X-Ratelimit-Org-Limit": "8000", **headers}) for request, one in data.items()
    )
    return RegionRead(name, calls, 0.5, host="visibility.eu.amp.cisco.com", sent=6)


def findings(*walks: Walk, **regions: RegionRead) -> Findings:
    return Findings(walks, regions)


def document_of(found: Findings) -> ProbeDocument:
    compared = [(one, compare(one, found)) for one in all_assumptions()]
    proposals, remaining = propose(found, compared)
    about: dict[str, Any] = {"created": "2026-11-28T03:00:00Z", "collection": "1.0.0", "seconds": 1.5}
    return probe_document(found, compared, proposals, remaining, StandIns(vocabulary=vocabulary(found)), **about)


def hostile() -> Findings:
    """Return names and ids at places where words are expected."""
    rows = (
        device(1, "berlin01.corp.example", "Registered", **{f"field_{UUID}": "x", "owner": "jane.doe@corp.example"}),
        device(2, "paris", "Held by berlin01.corp.example", note="The box of Jane in 10.1.2.3"),
    )
    broken = walk("rome02.corp.example", status="rome02 in 10.9.8.7 is registered by jane.doe@corp.example.")
    broken.failure = AsyncOSError(
        "rome02.corp.example", "rome02.corp.example: no answer from 10.9.8.7.", "check rome02."
    )
    return findings(
        walk("berlin01.corp.example", changes="\n".join(["secret-site", "10.1.1.1", "more", "lines"])),
        broken,
        europe=region(rows, types=(module_type(1, f"Mail Guard {UUID}"),)),
    )
