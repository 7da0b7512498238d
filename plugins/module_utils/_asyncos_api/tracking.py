# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Searching message tracking: pages, and waiting until something is found.

Source: GET ``message-tracking/messages`` with ``offset`` and ``limit`` (grade A for the path, C for the parameters).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import (
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    NotSent,
    OptionRefused,
    converted_error,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import (
    REQUESTS_IMPORT_ERROR,
    password_of_proxy,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import PROGRESS_OPTION, Wait

from .client import ApiClient
from .failures import SearchRefused
from .filters import filters_spec, query_of
from .messages import message_of
from .refusals import NO_MESSAGE
from .window import Window, window_of

PATH = "message-tracking/messages"
PAGE = 100
MOST_MESSAGES = 100_000


class WaitedInVain(ApiError):
    """Time is up, and no message was found."""


def tracking_argument_spec() -> dict[str, Any]:
    """The options of the module esa_message_tracking_info."""
    return {
        "host": {"type": "str", "required": True},
        "port": {"type": "int", "default": 6443},
        "product": {"type": "str", "choices": ["esa", "sma"], "default": "esa"},
        "username": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "ca_path": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "proxy": {"type": "str"},
        "timeout": {"type": "float", "default": 120.0},
        "start": {"type": "str"},
        "end": {"type": "str"},
        "last": {"type": "str"},
        "max_messages": {"type": "int", "default": 1000},
        "wait_progress": PROGRESS_OPTION,
        "wait_timeout": {"type": "float", "default": 0.0},
        "wait_interval": {"type": "float", "default": 5.0},
        **filters_spec(),
    }


def run_tracking_module(module: AnsibleModule) -> None:
    """Search as the options say, and report."""
    if REQUESTS_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
    calls = 0
    try:
        with _client_from_options(module) as client:
            try:
                result = find_messages(client, module.params, warn=module.warn)
            finally:
                calls = client.calls
    except ApiError as error:
        parts = {**error.as_result(), "refusal": error.refusal if isinstance(error, SearchRefused) else None}
        del parts["trace_id"]  # Only the cloud has them.
        module.fail_json(api_calls=calls, **parts)
    if result["bad_records"]:
        module.warn(f"{module.params['host']}: the appliance could not read {result['bad_records']} of its records.")
    module.exit_json(api_calls=calls, **result)


def find_messages(
    client: ApiClient,
    options: dict[str, Any],
    *,
    warn: Callable[[str], None] = lambda text: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """The messages that match, at once or as soon as there is one. Raises ApiError; WaitedInVain when time is up.

    While it waits, a search that fails for reasons that may pass (time-out, 5xx, lost connection) is repeated, with a
    warning. With ``wait_progress`` (of the action plugin) it returns as well when there is none at the first look.
    """
    query = query_of(options)
    wait = Wait(options, sleep, clock)
    began = datetime.now(timezone.utc) - timedelta(seconds=wait.elapsed)
    first = window_of(options["start"], options["end"], options["last"], began)
    failures: list[str] = []
    while True:
        # While it waits, the window keeps its start and grows at its end.
        now = datetime.now(timezone.utc)
        window = first if options["end"] else Window(first.start, window_of(None, None, "1m", now).end)
        try:
            found = read_messages(client, {**query, **window.as_query()}, options["max_messages"])
        except (AnswerLost, NotSent) as failure:
            if not options["wait_timeout"] or not client.may_repeat(failure):
                raise
            if wait.is_over():
                raise _failed_to_the_end(failure, options["wait_timeout"]) from None
            if failure.reason not in failures:
                warn(f"{client.host}: a search failed and is repeated: {failure.reason}")
            failures.append(failure.reason)
            wait.pause()
            continue
        waited = _waited(found["messages"]) if options["wait_timeout"] else None
        if waited is None or waited["done"] or wait.should_report(waited["tracked"]):
            looked_at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            return {"changed": False, **found, **window.as_result(), "looked_at": looked_at, "waited": waited}
        if wait.is_over():
            raise _waited_in_vain(client, options["wait_timeout"], failures)
        wait.pause()


def _failed_to_the_end(failure: ApiError, seconds: float) -> ApiError:
    """The last failure of searches that were repeated until time was up."""
    return converted_error(
        failure,
        type(failure),
        reason=f"{failure.reason}; no search succeeded at the end of wait_timeout, {seconds:g} s",
        fix=f"{failure.fix} Raise wait_timeout (esa_ctr_verify_timeout in the role) to repeat it for longer.",
    )


def _waited_in_vain(client: ApiClient, seconds: float, failures: list[str]) -> ApiError:
    failed = f"; {len(failures)} searches failed, the last with: {failures[-1]}" if failures else ""
    return WaitedInVain(
        f"no message that matches was tracked within {seconds:g} s{failed}",
        host=client.host,
        fix="Check that the appliance accepted the message and that the filters are right, or raise wait_timeout "
        "(esa_ctr_verify_timeout in the role): tracking may lag by minutes.",
    )


def _waited(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """One message is enough."""
    return {"tracked": min(1, len(messages)), "of": 1, "done": bool(messages)}


def read_messages(client: ApiClient, query: dict[str, str], most: int) -> dict[str, Any]:
    """All messages that match, newest first, at most so many. Raises ApiError.

    What ``meta.totalCount`` counts differs (grade C: the page), so that the pages end with the first that is not full,
    unless the count says that there are more. A message that comes twice, because others came in meanwhile, counts once.
    """
    messages: dict[Any, dict[str, Any]] = {}
    bad = total = offset = 0
    while True:
        answer = _answer(client, {**query, "offset": str(offset), "limit": str(PAGE)})
        records, unreadable, said = _page(client, answer)
        bad += unreadable
        total = max(total, said)
        fresh = 0
        for record in records:
            message = message_of(record)
            fresh += messages.setdefault(_identity(message, offset), message) is message
        came = len(records) + unreadable
        offset += came
        more = came >= PAGE or total > offset
        if not more or not (fresh or unreadable) or len(messages) >= most:
            break
    return {
        "messages": list(messages.values())[:most],
        "total": max(total, len(messages)),
        "truncated": len(messages) > most or (more and len(messages) == most),
        "bad_records": bad,
    }


def _answer(client: ApiClient, query: dict[str, str]) -> Any:
    """The answer to one search. One that is refused because there is no such message has found none."""
    try:
        return client.get(PATH, query)
    except SearchRefused as refused:
        if refused.refusal != NO_MESSAGE:
            raise
    return {"data": []}


def _identity(message: dict[str, Any], offset: int) -> Any:
    """What tells messages apart; one without an MID is nobody else's double."""
    if not message["mids"]:
        return offset, id(message)
    return message["serial"], message["host"], tuple(message["mids"]), message["timestamp_text"]


def _page(client: ApiClient, answer: Any) -> tuple[list[dict[str, Any]], int, int]:
    """The attributes of the messages of one answer, how many the appliance could not read, and its count."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list):
        came = ", ".join(sorted(answer)) if isinstance(answer, dict) else type(answer).__name__
        raise _unreadable(client, f'a list "data" was expected; the fields that came are: {came or "none"}')
    records = []
    for entry in data:
        attributes = entry.get("attributes", entry) if isinstance(entry, dict) else None
        if not isinstance(attributes, dict):
            raise _unreadable(
                client, f'"data" should hold objects with "attributes", and holds a {type(entry).__name__}'
            )
        records.append(attributes)
    meta = answer.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    return records, _count(meta.get("num_bad_records")), _count(meta.get("totalCount"))


def _unreadable(client: ApiClient, reason: str) -> ApiError:
    return AnswerUnreadable(
        client.secrets.mask(reason)[:300],
        host=client.host,
        method="GET",
        path=f"{client.root}/{PATH}",
        fix="The API is not as this version of the collection knows it: report this message to its maintainers.",
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _client_from_options(module: AnsibleModule) -> ApiClient:
    """The client that the options describe. Raises OptionRefused; nothing has been sent then."""
    options = module.params
    waits = seconds_fault(options, "wait_timeout", "wait_interval")
    if fault := seconds_fault(options, "timeout", above_0=True) or waits:
        raise OptionRefused(fault)
    if not 1 <= options["port"] <= 65535:
        raise OptionRefused(f"port must be 1 to 65535, and is {options['port']}")
    if not 1 <= options["max_messages"] <= MOST_MESSAGES:
        raise OptionRefused(f"max_messages must be 1 to {MOST_MESSAGES}, and is {options['max_messages']}")
    host = options["host"].strip()
    if not host or any(letter in host for letter in " /@?#"):
        raise OptionRefused(f"host is {options['host']!r}, which is no host name and no IP address")
    _keep_secret(module, options["proxy"])
    progress = options["wait_progress"]
    return ApiClient(
        host=host,
        # The action plugin repeats the module after a look that succeeded.
        logged_in_before=progress is not None and progress["seen"] is not None,
        **{
            name: options[name]
            for name in (
                "port",
                "product",
                "username",
                "password",
                "ca_path",
                "validate_certs",
                "proxy",
                "timeout",
            )
        },
    )


def _keep_secret(module: AnsibleModule, proxy: str | None) -> None:
    """An address of a proxy may hold a password: Ansible masks it like any other secret."""
    password = password_of_proxy(proxy or "")
    if password:
        module.no_log_values.add(password)
