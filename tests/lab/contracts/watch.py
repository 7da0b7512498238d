# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check and count the exchanges of a lab run, and record violations of contracts."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.lab.contracts import openapi, swagger
from tests.lab.contracts.description import Operation, find

OWN = "the project's description"
VENDOR = "the vendor's description"
COUNTS = "EMAILSEC_CTR_CONTRACT_COUNTS"
"""The environment variable with the file for the counts of tests, one JSON object per line."""


@dataclass(frozen=True)
class Exchange:
    """A request and its answer. The status is None without an answer, or if the answer is not checked."""

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
        """Reset counts and violations."""
        self.counts = {"requests": 0, "answers": 0}
        self.vendor_counts = {"requests": 0, "answers": 0}
        self.violations: list[dict[str, Any]] = []

    def as_json(self) -> dict[str, Any]:
        """Return the counts and violations for the control interface."""
        vendor = {**self.vendor_counts, "missing": swagger.why_missing()}
        return {**self.counts, "vendor": vendor, "violations": self.violations}

    def check(self, exchange: Exchange) -> None:
        """Check an exchange against every description of it."""
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
    """Append these counts (from GET /contract) to the file for counts, if it is set (make contracts)."""
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
