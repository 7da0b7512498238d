# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Typed access to a mapping of a fleet file; errors name file, place and field."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

Default = TypeVar("Default")


class FleetError(Exception):
    """An error in a fleet file: names the file, the appliance (or part) and the field."""

    def __init__(self, source: str, where: str, field: str, problem: str) -> None:
        super().__init__(": ".join(part for part in (source, where, field, problem) if part))
        self.source = source
        self.where = where
        self.field = field
        self.problem = problem


class Fields:
    """The fields of one mapping. A field that is absent or null takes its default; unknown fields are refused."""

    def __init__(self, source: str, where: str, mapping: object, known: set[str], prefix: str = "") -> None:
        self.source = source
        self.where = where
        self.prefix = prefix
        if mapping is None:
            mapping = {}
        if not isinstance(mapping, dict):
            raise FleetError(source, where, prefix.rstrip("."), "must be a mapping")
        self.mapping: dict[Any, Any] = mapping
        for key in mapping:
            if key not in known:
                self.fail(str(key), f"is not a field; known are {', '.join(sorted(known))}")

    def fail(self, key: str, problem: str) -> NoReturn:
        """Raise FleetError for this field."""
        raise FleetError(self.source, self.where, self.prefix + key, problem)

    def inner(self, key: str, known: set[str]) -> Fields:
        """Return the mapping in this field."""
        return Fields(self.source, self.where, self.mapping.get(key), known, f"{self.prefix}{key}.")

    def each(self, key: str, known: set[str]) -> list[Fields]:
        """Return the mappings of the list in this field."""
        value = self.mapping.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(key, "must be a list of mappings")
        return [
            Fields(self.source, self.where, item, known, f"{self.prefix}{key}.{place}.")
            for place, item in enumerate(value, 1)
        ]

    def text(self, key: str, default: Default) -> str | Default:
        """Return a string that is not empty."""
        value = self.mapping.get(key)
        if value is None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.fail(key, f"must be a string that is not empty, not {value!r}")
        return value

    def texts(self, key: str, default: Default) -> tuple[str, ...] | Default:
        """Return a list of strings that are not empty."""
        value = self.mapping.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.fail(key, "must be a list of strings that are not empty")
        return tuple(value)

    def flag(self, key: str, default: Default) -> bool | Default:
        """Return true or false."""
        value = self.mapping.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(key, f"must be true or false, not {value!r}")
        return value

    def whole(self, key: str, default: Default, low: int, high: int) -> int | Default:
        """Return a whole number from low to high."""
        value = self.mapping.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fail(key, f"must be a whole number from {low} to {high}, not {value!r}")
        return value

    def seconds(self, key: str, default: Default) -> float | Default:
        """Return a time in seconds, 0 or more."""
        value = self.mapping.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.fail(key, f"must be a number of seconds, 0 or more, not {value!r}")
        return float(value)

    def choice(self, key: str, default: Default, allowed: tuple[str, ...]) -> str | Default:
        """Return one of the allowed strings."""
        value = self.mapping.get(key)
        if value is None:
            return default
        if value not in allowed:
            self.fail(key, f"must be one of {', '.join(allowed)}, not {value!r}")
        return value
