# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents of probes for tests. They never change, except with the list of assumptions."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import WHEN, all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import (
    ApplianceProbe,
    CallRead,
    Checked,
    Failure,
    ProbeDocument,
    Proposal,
    RegionProbe,
    Remaining,
    ScreenRead,
    Verdict,
)
from tests.samples.drift import HOSTILE

HOSTS = tuple(f"host-{number}.stand-in.example" for number in range(1, 7))
CAME = {
    "text.no_changes": (("Everything is committed.",), HOSTS),
    "text.current_server": (("Portal endpoint in use: api.eu.sse.itd.cisco.com",), HOSTS[:2]),
    "keyword.cloudserviceconfig.autoregister": ((), HOSTS[:1]),
    "server.europe": (("EUROPE (api.eu2.sse.itd.cisco.com)",), HOSTS[:3]),
    "field.sse.status": (
        tuple(
            f"data.{name}" for name in ("created_at", "device_uuid", "host_name", "ip_address", "registration_state")
        ),
        ("europe", "apjc"),
    ),
    "title.esa": (("Secure Web Appliance", "Mail Guard Gateway"), ("americas", "europe", "apjc")),
}
"""What came, and where, for each assumption that differs."""

_MENU = """\
The Content Security appliance is successfully registered with the Cisco Cloud Service portal.

Choose the operation you want to perform:
- DISABLE - To disable the Cisco Cloud Service on your appliance.
- SETTRS - Set the Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal.
- DEREGISTER - To deregister the appliance from the Cisco Cloud Service portal.
[]>"""
_VERSION = """\
Current Version
===============
Product: Cisco C100V Email Security Virtual Appliance
Model: C100V
Version: 15.0.0-104
Serial #: serial-{number}"""
_HEADERS = (
    "Content-Length",
    "Content-Type",
    "Date",
    "X-Ratelimit-Org-Limit",
    "X-Ratelimit-Org-Remaining",
    "X-Total-Hits",
)


def usual() -> ProbeDocument:
    """Return a document with all verdicts, failures, proposals and differences that a probe cannot resolve."""
    return ProbeDocument(
        created="2026-11-24T08:06:43Z",
        collection="1.1.0",
        seconds=4.184,
        appliances=(
            *(appliance(number) for number in range(1, 6)),
            ApplianceProbe(
                HOSTS[5],
                "apjc",
                seconds=10.0,
                failure=Failure("no connection within 10 seconds", "check the network, and ansible_host"),
            ),
        ),
        regions=(region("europe"), region("apjc"), unread_region("americas")),
        apis=(RegionProbe(HOSTS[0], 0.431, (call("POST login", 200, 0.2, 412), call("GET tracking", 200, 0.231, 88))),),
        assumptions=assumptions(),
        proposals=proposals(),
        remaining=(
            Remaining(
                "field.sse.description",
                "device records have no field description, and no other field is certainly the same",
                "add its name to sse.fields.description of the profile",
            ),
            Remaining(
                "text.current_server",
                "the screen shows another text than expected: Portal endpoint in use: api.eu.sse.itd.cisco.com",
                "if this means 'The server in use', add it to texts.current_server of the profile",
            ),
            Remaining(
                "keyword.cloudserviceconfig.autoregister",
                "AUTOREGISTER is expected (keyword of a menu); the answer has: ENROLL",
                "send probe.json to the maintainers; this needs a change of the collection",
            ),
        ),
        profile=("site.yml",),
    )


def clean() -> ProbeDocument:
    """Return a document without a difference."""
    agreed = tuple(
        replace(one, verdict=Verdict.CONFIRMED, came=()) if one.verdict is Verdict.DIFFERS else one
        for one in assumptions()
    )
    return replace(
        usual(),
        appliances=(appliance(1),),
        regions=(region("europe"),),
        apis=(),
        assumptions=agreed,
        proposals=(),
        remaining=(),
        profile=(),
    )


def empty() -> ProbeDocument:
    """Return a document of a probe that read nothing."""
    return ProbeDocument("2026-11-24T08:06:43Z", "1.1.0", 0.0, (), (), (), ())


def hostile() -> ProbeDocument:
    """Return a document with hostile and long text in each place that can come from outside."""
    texts = (
        *HOSTILE,
        "\ud800 half",
        "```\n# heading\n- item",
        "*bold* _it_ [x](javascript:alert(1)) | cell",
        "# no: comment",
    )
    verdicts = cycle(Verdict)
    return ProbeDocument(
        created=texts[0],
        collection=texts[1],
        seconds=1.0,
        appliances=tuple(
            ApplianceProbe(
                text, text, text, text, text, text, 0.1, (ScreenRead(text, text, text, 9, 0.1),), Failure(text, text)
            )
            for text in texts
        ),
        regions=tuple(RegionProbe(text, 0.1, (hostile_call(text),), Failure(text, text), 1) for text in texts),
        apis=tuple(RegionProbe(text, 0.1, (hostile_call(text),)) for text in texts),
        assumptions=tuple(
            Checked(text, text, text, text, text, text, next(verdicts), (text,), (text,), text) for text in texts * 3
        ),
        proposals=tuple(
            Proposal((texts[0], text), [text, 7] if number % 2 else text, text, text)
            for number, text in enumerate(texts)
        ),
        remaining=tuple(Remaining(text, text, text) for text in (*texts, f"text.{texts[0]}\n")),
        profile=texts,
    )


def assumptions() -> tuple[Checked, ...]:
    """Return the assumptions of the collection, one in three of the others not seen."""
    return tuple(
        Checked(
            one.id,
            one.kind.value,
            one.grade,
            one.value,
            one.purpose,
            one.otherwise,
            Verdict.DIFFERS if one.id in CAME else Verdict.CONFIRMED if number % 3 else Verdict.NOT_SEEN,
            *(CAME[one.id] if one.id in CAME else ((), HOSTS[:5]) if number % 3 else ((), (), WHEN[one.seen])),
        )
        for number, one in enumerate(all_assumptions())
    )


def proposals() -> tuple[Proposal, ...]:
    return (
        Proposal(
            ("texts", "no_changes"),
            ["Everything is committed"],
            "the whole output of showchanges in a session that had changed nothing, on 6 appliances",
            "text.no_changes",
        ),
        Proposal(
            ("sse", "fields", "status"),
            ["data.registration_state"],
            "holds one word for the devices of registered appliances, and another for others (4 of 4 records)",
            "field.sse.status",
        ),
        Proposal(("sse", "list_in"), "devices", "the only list in the answer to the list of devices", "call.devices"),
        Proposal(
            ("sse", "statuses", "registered"),
            ["Enrolled"],
            "the status of 3 devices whose appliance offers DEREGISTER in its menu",
            "status.registered",
        ),
        Proposal(
            ("sse", "statuses", "registered"),
            ["Active"],
            "the status of 1 device whose appliance offers DEREGISTER in its menu",
            "status.registered",
        ),
        Proposal(
            ("regions", "europe", "appliance_server"),
            "api.eu2.sse.itd.cisco.com",
            "listed with the label EUROPE by 3 appliances",
            "server.europe",
        ),
        Proposal(
            ("module_types", "europe", "esa", "title"),
            "Mail Guard Gateway",
            "a module of this type belongs to the device of an ESA",
            "title.esa",
        ),
    )


def appliance(number: int) -> ApplianceProbe:
    return ApplianceProbe(
        host=HOSTS[number - 1],
        region="europe" if number < 4 else "apjc",
        product="ESA",
        model="C100V",
        version="15.0.0-104",
        registration="registered",
        seconds=0.213,
        screens=(
            screen(
                "login",
                "",
                "AsyncOS 15.0.0 for Cisco C100V Email Security Virtual Appliance build 104\n[17 characters]",
            ),
            screen("version", "version", _VERSION.format(number=number)),
            screen("showchanges", "showchanges", "Everything is committed."),
            screen("cloudserviceconfig", "cloudserviceconfig", _MENU),
        ),
    )


def screen(name: str, typed: str, text: str) -> ScreenRead:
    return ScreenRead(name, typed, text, len(text), 0.004)


def region(name: str) -> RegionProbe:
    shape = {
        "data.created_at": "time",
        "data.device_uuid": "uuid",
        "data.host_name": "text",
        "data.ip_address": "address",
        "data.registration_state": "text",
    }
    words = {"data.registration_state": ("Enrolled", "Awaiting Enrollment")}
    types = {
        "title": ("Secure Web Appliance", "Mail Guard Gateway"),
        "configuration_spec.key": ("device_id", "request_timeframe"),
    }
    return RegionProbe(
        name,
        0.187,
        (
            replace(call("GET /iroh/iroh-sse/device", 200, 0.112, 3120), records=4, shape=shape, words=words),
            replace(
                call("GET /iroh/iroh-int/module-type", 200, 0.009, 4247),
                records=6,
                shape={"configuration_spec": "list of object", "id": "uuid", "title": "text"},
                words=types,
            ),
        ),
        sent=6,
    )


def unread_region(name: str) -> RegionProbe:
    failure = Failure("the API client is not accepted (401)", "check client_id and client_secret of esa_ctr_regions")
    return RegionProbe(name, 0.05, (CallRead("POST /iroh/oauth2/token", 401, 0.05, 61, failure=failure),), failure, 1)


def call(request: str, status: int, seconds: float, size: int) -> CallRead:
    return CallRead(request, status, seconds, size, headers=_HEADERS)


def hostile_call(text: str) -> CallRead:
    return CallRead(text, 200, 0.1, 9, 1, {text: text}, {text: (text, text)}, (text,), Failure(text, text))
