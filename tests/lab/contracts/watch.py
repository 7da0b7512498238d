# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches the exchanges of one lab run, counts them, and remembers where they break a contract."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.lab.contracts import openapi, swagger
from tests.lab.contracts.description import Operation, find

OWN = "the project's reading"
VENDOR = "the vendor's description"
COUNTS = "EMAILSEC_CTR_CONTRACT_COUNTS"
"""The environment variable with the file into which tests write their counts, one JSON object a line."""


@dataclass(frozen=True)
class Exchange:
    """A request, and what was answered. The status is None where nothing was, or nothing that counts."""

    region: str
    method: str
    path: str
    query: str
    content_type: str
    content: bytes
    status: int | None = None
    headers: Mapping[str, str] | None = None
    answer: bytes = b""


class Watch:
    """The counts and violations so far."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.counts = {"requests": 0, "answers": 0}
        self.vendor_counts = {"requests": 0, "answers": 0}
        self.violations: list[dict[str, Any]] = []

    def as_json(self) -> dict[str, Any]:
        """The counts and violations as the control interface shows them."""
        vendor = {**self.vendor_counts, "missing": swagger.why_missing()}
        return {**self.counts, "vendor": vendor, "violations": self.violations}

    def saw(self, exchange: Exchange) -> None:
        """Judge an exchange against every description that there is for it."""
        for source, counts, operation in self._judges(exchange):
            counts["requests"] += 1
            if operation is None:
                self._note(exchange, source, "request", [f"is no operation of {source}"])
                continue
            self._note(
                exchange,
                source,
                "request",
                operation.problems_of_request(exchange.path, exchange.query, exchange.content_type, exchange.content),
            )
            if exchange.status is not None:
                counts["answers"] += 1
                headers = exchange.headers or {}
                problems = operation.problems_of_answer(exchange.status, headers, exchange.answer)
                self._note(exchange, source, "answer", problems)

    def _judges(self, exchange: Exchange) -> Iterator[tuple[str, dict[str, int], Operation | None]]:
        yield OWN, self.counts, find(_own(), exchange.method, exchange.path)
        family = next((prefix for prefix in swagger.FAMILIES if exchange.path.startswith(prefix)), None)
        if family is not None and swagger.why_missing() is None:
            yield VENDOR, self.vendor_counts, find(_vendors(family), exchange.method, exchange.path)

    def _note(self, exchange: Exchange, source: str, part: str, problems: list[str]) -> None:
        if problems:
            self.violations.append(
                {
                    "region": exchange.region,
                    "method": exchange.method,
                    "path": exchange.path,
                    "status": exchange.status,
                    "part": part,
                    "contract": source,
                    "wrong": problems,
                }
            )


def write_counts(contract: dict[str, Any]) -> None:
    """Add these counts (what GET /contract answers) to the file for counts, if there is one (make contracts)."""
    counts = os.environ.get(COUNTS)
    if counts:
        with open(counts, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({**contract, "violations": len(contract["violations"])}) + "\n")


@functools.cache
def _own() -> list[Operation]:
    return openapi.own_operations()


@functools.cache
def _vendors(family: str) -> list[Operation]:
    return swagger.operations_of(swagger.folder() / swagger.FAMILIES[family])
