# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong values for every variable of the role, generated from its argument_specs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import FILES, FORMS, RANGES
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import NAMES
from tests.unit.consistency.support import yaml_of

OPTIONS: dict[str, dict[str, Any]] = yaml_of("roles/esa_ctr_integration/meta/argument_specs.yml")["argument_specs"][
    "main"
]["options"]
SECRET = "S3cret-of-the-test"


@dataclass(frozen=True)
class Wrong:
    """A wrong value. ``path`` is the variable or the key of a region in messages."""

    path: str
    value: Any

    @property
    def variables(self) -> dict[str, Any]:
        """Return the value as variables of a host."""
        name, *keys = self.path.split(".")
        value = self.value
        for key in reversed(keys):
            value = {key: value}
        return {name: value}

    @property
    def secret(self) -> bool:
        """Return whether the value may hold a secret. The account of a region does."""
        return _holds_secret(self.path) or self.path in ("esa_ctr_regions", "esa_ctr_regions.europe")

    def __str__(self) -> str:
        return f"{self.path}={self.value!r}"


def wrong_values() -> list[Wrong]:
    """Return values of wrong type, empty, null, out of range, of wrong case, or an unknown choice. Templates are not included."""
    found = []
    for name, option in OPTIONS.items():
        found += [Wrong(name, value) for value in _wrong(name, option)]
    account = OPTIONS["esa_ctr_regions"]["options"]["europe"]["options"]
    for key, option in account.items():
        found += [Wrong(f"esa_ctr_regions.europe.{key}", value) for value in _wrong(f"esa_ctr_regions.{key}", option)]
    found += [Wrong("esa_ctr_regions.europe", value) for value in (None, "text", ["a"], 5)]
    found += [Wrong(path, True) for path in ("esa_ctr_alow_region_change", "esa_ctr_regions.europe.capath")]
    return [*found, Wrong("esa_ctr_request_timeframe_day", 7), Wrong("esa_ctr_regions.mars", {})]


def _holds_secret(path: str) -> bool:
    key = path.rpartition(".")[2].removeprefix("esa_ctr_")
    return bool(NAMES.search(key)) and key not in ("token_lifetime", "token_file")


def _wrong(rule: str, option: dict[str, Any]) -> Iterator[Any]:
    kind, choices = option.get("type", "str"), option.get("choices")
    yield None
    if rule == "esa_ctr_region":
        yield from ("", "emea", 1, True, ["europe"], {"europe": 1})
    elif kind in ("int", "float"):
        low, high = RANGES[rule]
        yield from ("", "soon", True, [1], {"a": 1}, low - 1, f"{low - 1}", math.inf, math.nan)
        if math.isfinite(high):
            yield high + 1
        if kind == "int":
            yield 1.5
    elif kind == "bool":
        yield from ("", "maybe", 2, [True], {"a": True})
    elif kind == "list":
        yield from (5, True, {"a": 1}, [None], [{"a": 1}], [["a"]])
    elif kind == "raw":
        yield from (5, True, *(() if rule == "esa_ctr_profile" else (SECRET,)))
    elif kind == "dict":
        yield from ("text", 5, True, ["europe"])
    else:
        text = SECRET if _holds_secret(rule) else "text"
        yield from (True, [text], {"a": text})
    if choices:
        wrong = [value for value in ("nonsense", str(choices[-1]).upper(), f"{choices[-1]} ") if value not in choices]
        yield from (([value] for value in wrong) if kind == "list" else wrong)
        if kind == "str" and "" not in choices:
            yield ""
    if rule in FORMS:
        yield "two\nlines"
    if rule in FILES:
        yield "/nonexistent.pem"
