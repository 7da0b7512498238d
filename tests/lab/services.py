# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services of an appliance other than SSH: the `services:` of a fleet file or of an appliance.

All are off by default, so that a thousand appliances start quickly.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from tests.lab.fleet_fields import Fields

CHOICES = {
    "certificate": ("ca", "self_signed"),
    "smtp_auth": ("none", "offered", "required"),
    "total_count": ("page", "all"),
    "tracking_off_answer": ("forbidden", "not_found", "empty"),
    "search_answer": ("found", "bad_attribute", "no_path", "no_message", "no_role", "unknown"),
}


@dataclass(frozen=True)
class Services:
    """The services of an appliance. Times are in seconds."""

    rest_api: bool = False
    """Whether the AsyncOS REST API listens (A: it must be enabled)."""
    smtp: bool = False
    """Whether an SMTP listener accepts messages for message tracking."""
    certificate: str = "ca"
    """Certificate of both: signed by the lab's CA (`ca`), or `self_signed` (R: no client trusts the default certificate of
    an appliance)."""
    jwt_seconds: float = 1800.0
    """Lifetime of a JWT (C: the time-out of the web interface, 5 to 1,440 minutes, 30 by default)."""
    jwt_uses: int = 0
    """Number of requests after which a JWT becomes invalid, whatever its lifetime; 0: never."""
    total_count: str = "page"
    """The meaning of `meta.totalCount`: the messages of the `page` (C) or `all` that match (I)."""
    message_tracking: bool = True
    """Whether the appliance tracks messages and answers searches for them."""
    tracking_off_answer: str = "forbidden"
    """The answer to a search while message tracking is off: `forbidden`, `not_found` or `empty` (I, all)."""
    search_answer: str = "found"
    """The answer to a search while message tracking is on: `found`, or a refusal (`tests/lab/appliance/api.py`)."""
    search_failures: int = 0
    """Number of searches that are answered 503 before the first is carried out."""
    search_seconds: float = 0.0
    """Duration of a search (C: 60 to 100 on loaded appliances)."""
    tracking_seconds: float = 0.0
    """Time from the acceptance of a message until searches find it."""
    clock_ahead: float = 0.0
    """Seconds by which the clock of the appliance is ahead."""
    clock_behind: float = 0.0
    """Seconds by which it is behind."""
    smtp_starttls: bool = True
    """Whether the SMTP listener offers STARTTLS."""
    smtp_auth: str = "none"
    """The log-in of the SMTP listener: `none`, `offered` or `required`; only after STARTTLS, if that is on."""
    smtp_refuses: bool = False
    """Whether every recipient is refused (550)."""

    @property
    def clock_difference(self) -> float:
        """Return the seconds by which the clock of the appliance is ahead; negative if it is behind."""
        return self.clock_ahead - self.clock_behind


def read_services(given: Fields, default: Services) -> Services:
    """Return the services under `services:` of this mapping, on top of these defaults; check every key."""
    inner = given.inner("services", {field.name for field in fields(Services)})
    return replace(
        default, **{field.name: _read(inner, field.name, getattr(default, field.name)) for field in fields(Services)}
    )


def _read(given: Fields, name: str, default: Any) -> Any:
    if name in CHOICES:
        return given.choice(name, default, CHOICES[name])
    if isinstance(default, bool):
        return given.flag(name, default)
    if isinstance(default, int):
        return given.whole(name, default, 0, 1_000_000)
    return given.seconds(name, default)
