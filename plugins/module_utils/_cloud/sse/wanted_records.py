# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the requested device records from the options, and refuse contradictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

from .devices import repeated_names


@dataclass(frozen=True)
class WantedRecord:
    """A requested device record, identified by its id or else by its name."""

    name: str | None
    id: str | None
    description: str | None
    allow_registered: bool

    @property
    def label(self) -> str:
        """Return the name or id for messages."""
        return self.name or self.id or ""


def wanted_records(options: dict[str, Any]) -> list[WantedRecord]:
    """Return the requested records in order. Raise OptionRefused for contradictions."""
    items = options["devices"]
    if items is None:
        items = [{key: options[key] for key in ("name", "id", "description")}]
    wanted = []
    for item in items:
        allowed = item.get("allow_registered")
        wanted.append(
            WantedRecord(
                name=_stripped(item.get("name")),
                id=_stripped(item.get("id")),
                description=item.get("description"),
                allow_registered=options["allow_registered"] if allowed is None else allowed,
            )
        )
    if any(not one.label for one in wanted):
        raise OptionRefused("an entry of devices has neither name nor id", fix="set name or id in each entry")
    _refuse_repeated([one.name or "" for one in wanted if not one.id], "name")
    _refuse_repeated([one.id or "" for one in wanted if one.id], "id")
    return wanted


def _refuse_repeated(values: list[str], what: str) -> None:
    twice = repeated_names(values)
    if twice:
        raise OptionRefused(f"devices repeats this {what}: {', '.join(twice)}", fix="list each device once")


def _stripped(value: str | None) -> str | None:
    return (value or "").strip() or None
