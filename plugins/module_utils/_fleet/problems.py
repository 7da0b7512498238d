# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Problems with the settings of a play, and the lines that show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN

HOSTS_SHOWN = 3
LONGEST_VALUE = 60


class Kind(Enum):
    """The kinds of problems, in display order."""

    CONNECTION = "connection"
    UNKNOWN = "unknown"
    NOT_EVALUATED = "not_evaluated"
    NOT_SET = "not_set"
    WRONG_TYPE = "wrong_type"
    WRONG_VALUE = "wrong_value"
    NOT_ALIKE = "not_alike"
    CONTRADICTION = "contradiction"
    TOKENS = "tokens"
    REGION = "region"
    MANAGED = "managed"
    QUOTA = "quota"


@dataclass(frozen=True)
class Problem:
    """One problem to fix. ``hosts`` is empty for a problem of the whole play or of a region.

    ``subject`` is a variable, a key of a variable, a region or a host. ``text`` completes the sentence that begins with it;
    without hosts, a colon separates both.
    """

    kind: Kind
    subject: str
    text: str
    fix: str
    hosts: tuple[str, ...] = ()


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Join problems that differ only in their hosts, and sort them by kind. Keep the order within a kind."""
    hosts: dict[tuple[Kind, str, str, str], dict[str, None]] = {}
    for problem in problems:
        key = (problem.kind, problem.subject, problem.text, problem.fix)
        hosts.setdefault(key, {}).update(dict.fromkeys(problem.hosts))
    joined = [Problem(*key, hosts=tuple(of_key)) for key, of_key in hosts.items()]
    order = list(Kind)
    return sorted(joined, key=lambda problem: order.index(problem.kind))


def sentence(problem: Problem) -> str:
    """Return C(<hosts or subject>: <problem>.)"""
    hosts = problem.hosts
    if not hosts:
        return f"{problem.subject}: {problem.text}."
    where = hosts[0] if len(hosts) == 1 else f"{len(hosts)} hosts ({named(hosts)})"
    return f"{where}: {f'{problem.subject} {problem.text}'.strip()}."


def lines(problems: Sequence[Problem], heading: str) -> list[str]:
    """Return the heading, then two lines per problem: C(- <subject>: <problem>.) and C(Fix: <action>.)"""
    shown = [heading]
    for problem in problems:
        shown += [f"- {sentence(problem)}", f"  Fix: {problem.fix}"]
    return ["".join(char if char.isprintable() else " " for char in line) for line in shown]


def named(hosts: Sequence[str]) -> str:
    """Return the first names, and the number of the others."""
    if len(hosts) <= HOSTS_SHOWN + 1:
        return ", ".join(hosts)
    return f"{', '.join(hosts[:HOSTS_SHOWN])} and {len(hosts) - HOSTS_SHOWN} more"


def shown(value: Any, secret: bool = False) -> str:
    """Return a value for a message. For a secret, a map or a long list, return only its type."""
    if value is None:
        return "null"
    if secret or isinstance(value, Mapping) or (isinstance(value, (list, tuple)) and not _short(value)):
        return type_of(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(str(item) for item in value)}]"
    if isinstance(value, str):
        text = OF_RUN.beginning(str(value), LONGEST_VALUE + 1)
        return repr(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}...")
    return str(value)


def type_of(value: Any) -> str:
    """Return the type of a value in YAML terms."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text" if value else "empty text"
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, (list, tuple)) else f"a {type(value).__name__}"


def _short(value: Sequence[Any]) -> bool:
    simple = all(isinstance(item, (str, int, float)) for item in value)
    return simple and len(", ".join(map(str, value))) <= LONGEST_VALUE
