# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check the variables of the role against its argument_specs.

argument_specs.yml defines the names, types and choices. The tables here add what it cannot express. The functions are pure:
the caller evaluates the variables and provides the check for readable files.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions, canonical_region
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import NAMES
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE

from .problems import Kind, Problem, shown, type_of
from .waves import is_amount
from .window import is_window

PREFIX = "esa_ctr_"
INTERNAL = "esa_ctr__"
OF_PLAYBOOKS = ("esa_ctr_hosts", "esa_ctr_serial")
"""Variables of the playbooks that the role does not use."""

Range = tuple[float, float]
RANGES: dict[str, Range] = {
    "esa_ctr_request_timeframe_days": (1, 365),
    "esa_ctr_wait_timeout": (0, math.inf),
    "esa_ctr_wait_interval": (0.1, math.inf),
    "esa_ctr_report_keep": (1, math.inf),
    "esa_ctr_report_concurrency": (1, math.inf),
    "esa_ctr_api_port": (1, 65535),
    "esa_ctr_api_timeout": (0.1, math.inf),
    "esa_ctr_smtp_port": (1, 65535),
    "esa_ctr_verify_timeout": (0, math.inf),
    "esa_ctr_verify_interval": (0.1, math.inf),
    "esa_ctr_diagnose_busy_pause": (0, math.inf),
    "esa_ctr_regions.timeout": (0.1, math.inf),
    "esa_ctr_regions.retry_budget": (0, math.inf),
}
"""Limits of numbers. Keys of all regions are listed under C(esa_ctr_regions)."""

MAIL_ADDRESS = (re.compile(r"[^\s@<>]+@[^\s@<>]+").fullmatch, "a mail address like someone@example.com")
FORMS: dict[str, tuple[Callable[[str], object], str]] = {
    "esa_ctr_commit_comment": (
        re.compile(r"[ -~]{0,200}").fullmatch,
        "one line of ASCII text with at most 200 characters",
    ),
    "esa_ctr_verify_sender": MAIL_ADDRESS,
    "esa_ctr_verify_recipient": MAIL_ADDRESS,
    "esa_ctr_waves": (partial(is_amount, least=1), "a list of numbers and percentages, such as [1, 10%, 100%]"),
    "esa_ctr_max_failures": (is_amount, "a number or a percentage, such as 2 or 5%"),
    "esa_ctr_window": (
        is_window,
        "times of the day with a time zone that this controller knows, such as 22:00-04:00 Europe/Berlin or "
        "Sat-Sun 00:00-06:00 America/New_York",
    ),
}
"""The form of a text, or of each item of a list: a function that returns whether a text has it, and its description."""

NOT_EMPTY = ("esa_ctr_waves",)
"""Lists that must have an item."""

SAME_FOR_ALL = (
    "esa_ctr_state",
    "esa_ctr_regions",
    "esa_ctr_profile",
    "esa_ctr_record",
    "esa_ctr_token_lifetime",
    "esa_ctr_waves",
    "esa_ctr_wave_regions",
    "esa_ctr_max_failures",
    "esa_ctr_verify",
    "esa_ctr_prune",
    "esa_ctr_other_hosts",
    "esa_ctr_report_dir",
    "esa_ctr_report_formats",
    "esa_ctr_report_mode",
    "esa_ctr_report_keep",
    "esa_ctr_report_fail_on",
    "esa_ctr_notify_url",
    "esa_ctr_notify_format",
    "esa_ctr_notify_headers",
    "esa_ctr_notify_ca_path",
    "esa_ctr_report_concurrency",
    "esa_ctr_diagnose_query",
    "esa_ctr_diagnose_busy_pause",
)
"""Variables of tasks that run once for all hosts of the play. A different value of a host would be ignored."""

FILES = ("esa_ctr_api_ca_path", "esa_ctr_smtp_ca_path", "esa_ctr_notify_ca_path", "esa_ctr_regions.ca_path")
"""Paths of files that must be readable."""

TRUE = ("true", "yes", "1", "on", "y", "t")
FALSE = ("false", "no", "0", "off", "n", "f")


@dataclass(frozen=True)
class Failed:
    """A value that cannot be evaluated, with the reason and the fix. Neither contains a secret."""

    why: str
    fix: str


@dataclass(frozen=True)
class Hidden:
    """A value from a vault. It is checked like any other value but never shown."""

    value: Any


Options = Mapping[str, Mapping[str, Any]]


def check_variables(
    options: Options,
    hosts: Mapping[str, Mapping[str, Any]],
    readable: Callable[[str], bool] = lambda _path: True,
) -> Iterator[Problem]:
    """Yield the problems of the variables, each for one host, in the order of the hosts.

    ``options`` are those of argument_specs. ``hosts`` are the evaluated C(esa_ctr_) variables by host, with Failed for a
    value that cannot be evaluated (also in the account of a region). ``readable`` returns whether a file can be read.
    """
    checked: dict[tuple[str, int], list[Problem]] = {}
    for host, variables in hosts.items():
        for name in dict.fromkeys([*options, *variables]):
            if name.startswith(INTERNAL) or name in OF_PLAYBOOKS:
                continue
            value = variables.get(name, _UNSET)
            # Hosts of a group share a value: check it once.
            key = (name, id(value))
            if key not in checked:
                checked[key] = list(_check_variable(name, value, options, readable))
            for problem in checked[key]:
                yield Problem(problem.kind, problem.subject, problem.text, problem.fix, (host,))
        if (
            plain(variables.get("esa_ctr_smtp_username"))
            and plain(variables.get("esa_ctr_smtp_starttls")) == "if_offered"
        ):
            yield Problem(*_CLEAR_PASSWORD, hosts=(host,))
    yield from _check_alike(hosts)


def plain(value: Any) -> Any:
    """Return a value without its vault mark, or None if it cannot be evaluated."""
    if isinstance(value, Hidden):
        return plain(value.value)
    return None if isinstance(value, Failed) else value


def plain_tree(value: Any) -> Any:
    """Return a value without its vault marks, also without those of its items."""
    value = plain(value)
    if isinstance(value, Mapping):
        return {key: plain_tree(one) for key, one in value.items()}
    return [plain_tree(one) for one in value] if isinstance(value, (list, tuple)) else value


def flag(value: Any) -> bool:
    """Return a checked bool in any of its notations."""
    return value if isinstance(value, bool) else str(value).strip().lower() in TRUE


def items_of(value: Any) -> list[str]:
    """Return the items of a checked list, which may be text separated by commas."""
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    return [item.strip() for item in str(value).split(",") if item.strip()]


_CLEAR_PASSWORD = (
    Kind.CONTRADICTION,
    "esa_ctr_smtp_starttls",
    "is 'if_offered' with a login, so the password may be sent unencrypted",
    "set it to always, or to never on a trusted network.",
)


class _Unset:
    """Marks a variable without a value (null is a value)."""


_UNSET = _Unset()


def _check_variable(name: str, value: Any, options: Options, readable: Callable[[str], bool]) -> Iterator[Problem]:
    if name not in options:
        yield _unknown(
            name, [known.removeprefix(PREFIX) for known in (*options, *OF_PLAYBOOKS)], "a variable of emailsec.ctr"
        )
    elif value is _UNSET:
        if options[name].get("required"):
            yield Problem(Kind.NOT_SET, name, "is not set", _fix(name, options[name]))
    elif name == "esa_ctr_regions":
        yield from _check_regions(name, value, options[name], readable)
    else:
        yield from _check_value(name, name, value, options[name], readable)


def _check_regions(
    name: str, value: Any, option: Mapping[str, Any], readable: Callable[[str], bool]
) -> Iterator[Problem]:
    """Yield the problems of the accounts: unknown regions or keys, wrong values, and duplicate regions."""
    if isinstance(value, Failed):
        yield _not_evaluated(name, value)
        return
    accounts = plain(value)
    if not isinstance(accounts, Mapping):
        yield Problem(
            Kind.WRONG_TYPE, name, f"is {type_of(accounts)}", f"give a map from region ({_regions()}) to its account."
        )
        return
    seen: dict[str, Any] = {}
    for key, account in accounts.items():
        path = f"{name}.{key}"
        region = canonical_region(key)
        if region is None:
            yield _unknown(path, all_regions(), "a region", f" For another region, {RUN_PROBE}.")
            continue
        if region in seen:
            yield Problem(
                Kind.CONTRADICTION,
                path,
                f"and {name}.{seen[region]} are the same region, {region}",
                "remove one of them.",
            )
        seen[region] = key
        # A region of a profile has the same keys as any other.
        described = option["options"].get(region) or list(option["options"].values())[0]
        yield from _check_account(path, plain(account), described["options"], readable)


def _check_account(path: str, account: Any, options: Options, readable: Callable[[str], bool]) -> Iterator[Problem]:
    if not isinstance(account, Mapping):
        keys = ", ".join(sorted(options))
        yield Problem(Kind.WRONG_TYPE, path, f"is {type_of(account)}", f"give a map with some of the keys {keys}.")
        return
    for key, value in account.items():
        if key not in options:
            yield _unknown(f"{path}.{key}", options, "a key of a region")
        else:
            yield from _check_value(f"{path}.{key}", f"esa_ctr_regions.{key}", value, options[key], readable)


def _check_value(
    path: str, rule: str, value: Any, option: Mapping[str, Any], readable: Callable[[str], bool]
) -> Iterator[Problem]:
    """Yield the problem of a value with its type, choices, limits or pattern. ``rule`` is its name in the tables above."""
    if isinstance(value, Failed):
        yield _not_evaluated(path, value)
        return
    secret = isinstance(value, Hidden) or _is_secret(path, option)
    value = plain(value)
    kind = _fault(rule, value, option)
    if kind:
        says = "is not set" if kind is Kind.NOT_SET else f"is {shown(value, secret)}"
        yield Problem(kind, path, says, _fix(rule, option, None if secret else value))
    elif option.get("options"):
        yield from _check_account(path, value, option["options"], readable)
    elif rule in FILES and value and not readable(str(value)):
        yield Problem(
            Kind.WRONG_VALUE,
            path,
            f"is {shown(value, secret)}, which cannot be read on the controller",
            "give the path of a readable file with CA certificates, or remove the variable.",
        )


def _is_secret(path: str, option: Mapping[str, Any]) -> bool:
    """Return whether a value may hold a secret. Choices and paths do not."""
    return (
        not option.get("choices")
        and option.get("type") != "path"
        and bool(NAMES.search(path.removeprefix("esa_ctr_regions.").rpartition(".")[2]))
    )


def _fault(rule: str, value: Any, option: Mapping[str, Any]) -> Kind | None:
    """Return the kind of problem of a value, or None."""
    if value is None:
        return Kind.WRONG_TYPE
    if rule == "esa_ctr_region":
        return None if canonical_region(value) else Kind.NOT_SET if value == "" else Kind.WRONG_VALUE
    kind = option.get("type", "str")
    if kind in ("int", "float"):
        return _number_fault(rule, value, whole=kind == "int")
    if kind == "bool":
        fine = isinstance(value, bool) or (isinstance(value, (str, int)) and str(value).strip().lower() in TRUE + FALSE)
        return None if fine else Kind.WRONG_TYPE
    if kind == "list":
        return _list_fault(rule, value, option)
    if rule == "esa_ctr_profile" and isinstance(value, str):
        return None
    if kind == "raw":
        return None if isinstance(value, (list, tuple, Mapping)) or value == "" else Kind.WRONG_TYPE
    if kind == "dict":
        return None if isinstance(value, Mapping) else Kind.WRONG_TYPE
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return Kind.WRONG_VALUE if isinstance(value, bool) and option.get("choices") else Kind.WRONG_TYPE
    if option.get("choices") and value not in option["choices"]:
        return Kind.WRONG_VALUE
    return None if _has_form(rule, [value]) else Kind.WRONG_VALUE


def _has_form(rule: str, values: Iterable[Any]) -> bool:
    return rule not in FORMS or all(FORMS[rule][0](str(value)) for value in values)


def _number_fault(rule: str, value: Any, whole: bool) -> Kind | None:
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return Kind.WRONG_TYPE
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return Kind.WRONG_TYPE
    low, high = RANGES[rule]
    return None if low <= number <= high and math.isfinite(number) else Kind.WRONG_VALUE


def _list_fault(rule: str, value: Any, option: Mapping[str, Any]) -> Kind | None:
    if not isinstance(value, (list, tuple, str)):
        return Kind.WRONG_TYPE
    if any(isinstance(item, bool) or not isinstance(item, (str, int, float)) for item in value):
        return Kind.WRONG_TYPE
    items, choices = items_of(value), option.get("choices")
    fits = (not choices or set(items) <= set(choices)) and _has_form(rule, items)
    return None if fits and (items or rule not in NOT_EMPTY) else Kind.WRONG_VALUE


def _fix(rule: str, option: Mapping[str, Any], value: Any = None) -> str:
    """Return the fix for a wrong value. ``value`` is the wrong value, to suggest the closest valid value."""
    wanted = _wanted(rule, option)
    if rule == "esa_ctr_region":
        near = _nearest(value, _region_names())
        return f"set it for the host or its group, {wanted}.{near or f' For another region, {RUN_PROBE}.'}"
    remove = ", or remove the variable" if value is None and not option.get("required") else ""
    return f"give {wanted}{remove}.{_nearest(value, option.get('choices'))}"


def _wanted(rule: str, option: Mapping[str, Any]) -> str:
    if rule == "esa_ctr_region":
        return f"one of {_regions()}"
    kind = option.get("type", "str")
    if rule in FORMS:
        return FORMS[rule][1]
    choices = [str(choice) if choice != "" else "empty text" for choice in option.get("choices") or []]
    if choices:
        return f"{'a list of some of' if kind == 'list' else 'one of'} {', '.join(choices)}"
    if kind in ("int", "float"):
        low, high = RANGES[rule]
        limits = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more"
        return f"a {'whole ' if kind == 'int' else ''}number {limits}"
    if rule == "esa_ctr_profile":
        return "the path of a profile, a map, or a list of these"
    return {"bool": "true or false", "list": "a list", "raw": "a list, or a map by host", "dict": "a map"}.get(
        kind, "text"
    )


def _unknown(path: str, known: Iterable[str], what: str, more: str = "") -> Problem:
    """Return the problem of an unknown name. ``known`` are the valid names, without the prefix or parent key.

    ``more`` is added to the fix if no known name is close.
    """
    place = f"{path.rpartition('.')[0]}." if "." in path else PREFIX
    names = list(known)
    near = difflib.get_close_matches(path.removeprefix(place).lower(), names, n=1, cutoff=0.75)
    if near:
        fix = f"correct the name. Did you mean {place}{near[0]}?"
    elif place == PREFIX:
        fix = f"remove it, or rename it. Names of your own variables must not begin with {PREFIX}."
    else:
        fix = f"remove it, or use one of {', '.join(sorted(names))}.{more}"
    return Problem(Kind.UNKNOWN, path, f"is not {what}", fix)


def _not_evaluated(path: str, failed: Failed) -> Problem:
    return Problem(Kind.NOT_EVALUATED, path, f"cannot be evaluated ({failed.why})", failed.fix)


def _nearest(value: Any, choices: Iterable[str] | None) -> str:
    if not isinstance(value, str) or not choices:
        return ""
    near = difflib.get_close_matches(value.strip().lower(), [str(choice) for choice in choices], n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _region_names() -> list[str]:
    return [name for region in all_regions().values() for name in (region.name, *region.aliases)]


def _regions() -> str:
    return ", ".join(all_regions())


def _check_alike(hosts: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield a problem for each variable of SAME_FOR_ALL whose value differs between hosts."""
    for name in SAME_FOR_ALL:
        values: list[tuple[Any, list[str]]] = []
        for host, variables in hosts.items():
            value = _comparable(variables.get(name))
            alike = next((of_value for known, of_value in values if known is value or known == value), None)
            if alike is None:
                values.append((value, [host]))
            else:
                alike.append(host)
        if len(values) > 1:
            (_first, most), (_second, few) = sorted(values, key=lambda pair: -len(pair[1]))[:2]
            yield Problem(
                Kind.NOT_ALIKE,
                name,
                f"must be the same for all hosts of the play, but {few[0]} and {most[0]} differ",
                "set it once for the whole play, or run the playbook separately for each group of hosts (--limit).",
            )


def _comparable(value: Any) -> Any:
    """Return an equal result for equivalent values, such as true and the text C(true)."""
    value = plain(value)
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    return value
