# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links between an appliance and an investigation, and how the lab breaks each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from tests.integration.support.lab import Lab

SUBJECT = "Invoice Due"
SMA = "sma.example.com"
TWIN = "twin.example.com"
QUERY = f'email_subject:"{SUBJECT}"'
CLOSED = "closed port"
GONE = "3b0d0f0c-6a55-4a8f-9d2c-0d6c1d9b7d11"
"""The id of a device that exists in no SSE."""


@dataclass(frozen=True)
class Break:
    """One broken link of an appliance that is otherwise onboarded and has tracked a message.

    Two breaks cannot be combined if their dictionaries have different values for the same key.
    """

    code: str
    """The expected finding."""
    box: Mapping[str, Any] = field(default_factory=dict)
    """Switches of the appliance."""
    module: Mapping[str, Any] = field(default_factory=dict)
    """Switches of its module; C(there) is false if the appliance has no module."""
    entry: Mapping[str, Any] = field(default_factory=dict)
    """Its fields in the fleet file; C(initial) is the initial state."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Variables of the inventory; the port C(CLOSED) is replaced by a port on which nothing listens."""
    evidence: tuple[str, ...] = ()
    """Texts that the evidence must contain."""
    fix: tuple[str, ...] = ()
    """Texts that the fix must contain."""
    hides: tuple[str, ...] = ()
    """Findings of earlier links that cannot be seen while this link is broken."""


def _unregistered(**more: Any) -> dict[str, Any]:
    return {"registered": False, "asks_for_token": True, "registration_failed": False, **more}


BREAKS: tuple[Break, ...] = (
    Break(
        "managed_by_sma",
        variables={"esa_ctr_hosted": True},
        evidence=("inventory", "esa_ctr_hosted"),
        fix=("its SMA", "12.5"),
    ),
    Break(
        "not_reachable",
        variables={"ansible_port": CLOSED},
        evidence=("SSH", "connection refused"),
        fix=("port", "firewall", "host key"),
    ),
    Break(
        "too_old",
        box={"version": "12.5.0-066"},
        evidence=("version", "AsyncOS 12.5.0-066", "13.0"),
        fix=("Upgrade", "13.0", "12.5"),
    ),
    Break(
        "not_readable",
        entry={"dialect": {"refusal": "unknown_screen"}},
        evidence=("command line",),
        fix=("ansible_asyncos_transcript",),
    ),
    Break(
        "not_enabled",
        box={"enabled": False, "registered": False},
        evidence=("cloudserviceconfig: disabled",),
        fix=("Network > Cloud Service Settings", "api.eu.sse.itd.cisco.com", "commit"),
    ),
    Break(
        "not_committed",
        box=_unregistered(asks_for_token=False, device="absent", pending=True),
        evidence=("neither registered nor asking for a token", "showchanges: uncommitted changes"),
        fix=("commit", "emailsec.ctr.onboard"),
    ),
    Break(
        "wrong_region_server",
        box={"region": "americas"},
        evidence=("api-sse.cisco.com", "inventory: europe, server api.eu.sse.itd.cisco.com"),
        fix=("esa_ctr_region", "esa_ctr_allow_region_change"),
    ),
    Break(
        "busy_too_long",
        box={"busy": True},
        evidence=("busy",),
        fix=("api.eu.sse.itd.cisco.com", "TCP 443"),
        # The busy screen shows neither settings nor operations.
        hides=("not_enabled", "not_committed"),
    ),
    Break(
        "two_records",
        entry={"records": [{"region": "europe", "status": "Registered", "type": "ESA"}] * 2},
        evidence=("SSE of europe", "Registered, device"),
        fix=("emailsec.ctr.sse_device", "esa_ctr_prune"),
    ),
    Break(
        "registered_elsewhere",
        box={"registered": True, "device": "americas"},
        evidence=("SSE of europe: not registered", "registered in americas (device "),
        fix=("esa_ctr_region", "same region"),
    ),
    Break(
        "registered_only_in_sse",
        box=_unregistered(device="registered"),
        evidence=("asks for a token", "Registered"),
        fix=("emailsec.ctr.sse_device", "emailsec.ctr.onboard"),
    ),
    Break(
        "token_refused",
        box=_unregistered(registration_failed=True, device="unregistered"),
        evidence=("the registration failed", "Unregistered"),
        fix=("https://admin.eu.sse.itd.cisco.com", "lifetime"),
    ),
    Break(
        "registration_failed",
        box=_unregistered(registration_failed=True, device="absent"),
        evidence=("the registration failed", "SSE of europe: no record"),
        fix=("emailsec.ctr.onboard", "api.eu.sse.itd.cisco.com", "TCP 443"),
    ),
    Break(
        "token_not_used",
        box=_unregistered(device="unregistered"),
        evidence=("asks for a token", "Unregistered"),
        fix=("before it expires",),
    ),
    Break(
        "never_registered",
        box=_unregistered(device="absent"),
        evidence=("asks for a token", "SSE of europe: no record"),
        fix=("https://admin.eu.sse.itd.cisco.com", "emailsec.ctr.onboard"),
    ),
    Break(
        "absent_in_sse",
        box={"registered": True, "device": "absent"},
        evidence=("cloudserviceconfig: registered", "SSE of europe: no record"),
        fix=("esa_cloud_service", "unregistered", "emailsec.ctr.onboard"),
    ),
    Break(
        "module_missing",
        module={"there": False},
        evidence=("CTR: no module",),
        fix=("Modules > Add New Module", "https://admin.eu.sse.itd.cisco.com", "Cloud Services"),
    ),
    Break(
        "module_of_another_device",
        module={"there": True, "device": GONE},
        evidence=(f"points to device {GONE}, which does not exist", "the appliance is device "),
        fix=("emailsec.ctr.onboard",),
    ),
    Break("module_disabled", module={"there": True, "enabled": False}, evidence=("is disabled",), fix=("enable",)),
    Break(
        "module_unhealthy",
        module={"there": True, "health": "error"},
        evidence=("health error", "device_unavailable"),
        fix=("https://admin.eu.sse.itd.cisco.com",),
    ),
    Break(
        "tracking_off",
        box={"message_tracking": False},
        evidence=("message-tracking", "403"),
        fix=("Security Services > Message Tracking",),
    ),
    Break(
        "no_data_in_timeframe",
        box={"older_by_days": 40},
        evidence=(QUERY, "30 days", "message tracking: 0 messages"),
        fix=("Request Timeframe", "emailsec.ctr.verify"),
    ),
)
"""In order from the appliance to the investigation: if two links are broken, the first must be found."""
LAST = ("tracking_off", "no_data_in_timeframe")


@dataclass(frozen=True)
class Broken:
    """An appliance with no, one or two broken links."""

    name: str
    breaks: tuple[Break, ...]

    @property
    def code(self) -> str:
        hidden = {code for one in self.breaks for code in one.hides}
        return next((one.code for one in self.breaks if one.code not in hidden), "nothing_wrong")

    def merged(self, part: str) -> dict[str, Any]:
        return {key: value for one in self.breaks for key, value in getattr(one, part).items()}

    def entry(self, region: str = "europe") -> dict[str, Any]:
        """Return its entry of the fleet file."""
        given = self.merged("entry")
        initial = {
            "enabled": True,
            "region": region,
            "registered": True,
            **{key: given.pop(key, []) for key in ("records", "modules")},
        }
        return {
            "name": self.name,
            "region": region,
            "services": {"rest_api": self.reads_tracking},
            **given,
            "initial": {**initial, "module": self.merged("module").get("there", True)},
        }

    @property
    def reads_tracking(self) -> bool:
        return not self.breaks or any(one.code in LAST or "search_answer" in one.box for one in self.breaks)

    def break_in(self, lab: Lab, region: str = "europe") -> None:
        """Add a message to its tracking, and break its links."""
        lab.add_messages(self.name, {"subject": SUBJECT})
        module = self.merged("module")
        if module.pop("there", True) and module:
            lab.switch(region=region, module=self.name, set=module)
        box = self.merged("box")
        if box:
            lab.switch(appliance=self.name, set=box)

    def variables(self, closed_port: int) -> dict[str, Any]:
        given = self.merged("variables")
        if given.get("ansible_port") == CLOSED:
            given["ansible_port"] = closed_port
        return {**given, "esa_ctr_diagnose_tracking": "auto" if self.reads_tracking else "never"}


def _agree(one: Break, other: Break) -> bool:
    return all(
        value == getattr(other, part).get(key, value)
        for part in ("box", "module", "entry", "variables")
        for key, value in getattr(one, part).items()
    )


def singles(breaks: Iterable[Break] = BREAKS) -> list[Broken]:
    return [Broken(f"{_word(one)}.example.com", (one,)) for one in breaks]


def pairs(breaks: Iterable[Break] = BREAKS) -> list[Broken]:
    """Return all pairs of links that can be broken together, each with the link that must be found first."""
    return [
        Broken(f"{_word(one)}-and-{_word(other)}.example.com", (one, other))
        for one, other in combinations(breaks, 2)
        if _agree(one, other)
    ]


def _word(one: Break) -> str:
    return one.code.replace("_", "-")


def more() -> list[Broken]:
    """Return other ways to break a link, including those that need a second host or module."""
    second, third = ({"name": f"{number} of one device", "region": "europe"} for number in ("First", "Second"))
    ways = {
        "managed": Break("managed_by_sma", entry={"managed_by": SMA}, evidence=(SMA,)),
        "gateway": Break("too_old", entry={"product": "WSA"}, module={"there": False}, evidence=("web gateway",)),
        "pending": Break("nothing_wrong", box={"pending": True}),
        "record-unregistered": Break("absent_in_sse", box={"device": "unregistered"}, evidence=("Unregistered",)),
        "enabled-in-vain": Break(
            "not_committed", box=_unregistered(asks_for_token=False, device="absent"), evidence=("neither registered",)
        ),
        "failed-and-registered": Break(
            "registered_only_in_sse", box=_unregistered(registration_failed=True), evidence=("failed", "Registered")
        ),
        "module-unclear": Break("module_unclear", module={"there": False}, entry={"modules": [second, third]}),
        "tracking-not-found": Break(
            "tracking_off",
            box={"message_tracking": False, "tracking_off_answer": "not_found"},
            evidence=("404", "not enabled"),
        ),
        "tracking-other-words": Break(
            "nothing_wrong", box={"search_answer": "unknown"}, evidence=("not read", "404", "cannot be completed")
        ),
        TWIN.split(".")[0]: Break("same_host_name", evidence=("second-name",)),
    }
    return [Broken(f"{name}.example.com", (way,)) for name, way in ways.items()]
