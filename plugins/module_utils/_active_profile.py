# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The profile that applies now: what real systems call things, where it differs from our assumptions.

A profile only extends what is recognized, and the names and paths that are sent. It never changes what is typed or decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Profile:
    """A checked profile (see C(_profile)). Every part is empty if the assumptions apply.

    ``given`` is the merged document, to show it and to pass it to another process; ``sources`` are the files and maps that
    it was merged from. ``texts``: further patterns by the id of a text. ``fields``: names of SSE fields by our id, in the order
    in which they are tried; a name with dots is a path into a record. ``sends``: names of SSE fields in requests. ``list_in``:
    the field that holds the list of devices. ``statuses``: further words (lower case) by C(registered) or C(awaits_token).
    ``paths``: paths of the APIs by our id. ``module_types``: by region and product, C(id), C(title), C(device_key) and
    C(timeframe_key). ``regions``: by region, C(label), C(aliases), C(appliance_server), C(api_url) and C(portal_url).
    ``ports``: by service. ``pages``: largest page by list.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    texts: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sends: Mapping[str, str] = field(default_factory=dict)
    list_in: str = ""
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    module_types: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    regions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    pages: Mapping[str, int] = field(default_factory=dict)


NO_PROFILE = Profile()
_ACTIVE: ContextVar[Profile] = ContextVar("emailsec_ctr_profile", default=NO_PROFILE)


def active() -> Profile:
    """Return the profile that applies in this context."""
    return _ACTIVE.get()


def activate(profile: Profile) -> None:
    """Apply a profile until the end of this process, which Ansible starts for each task."""
    _ACTIVE.set(profile)
