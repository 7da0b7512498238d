# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find observables in a text, read their sightings, and check the health of modules.

Source: iroh-inspect and iroh-enrich (grade A). An answer with status 200 can contain errors of single modules.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import PATHS
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_instances import INSTANCES_PATH, PAGE
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import FieldMissing, ItemRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._http.answer import Answer, field_names
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AnswerUnreadable, ApiError, OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import Wait

from .observables import FORMS, checked_observables, parse_query
from .sightings import bare_value, sighting_of

INSPECT_PATH = PATHS["inspect"]
OBSERVE_PATH = PATHS["observe"]
HEALTH_PATH = PATHS["health"]
OK, ERROR, UNKNOWN = "ok", "error", "unknown"
WORST_FIRST = (ERROR, UNKNOWN, OK)
WARNING = "warning"
ERROR_KEYS = ("module", "module_instance_id", "module_type_id", "code", "message", "type")
MOST_SHOWN = 5
WantedSighting = tuple[str, str, "str | None"]
"""Type and value of an observable, and the id of the module that must have a sighting; None for any module."""
ANY, ALL = "any", "all"


def investigate(
    task: Task,
    client: IrohClient,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Return the sightings of the observables, at once or as soon as there are any. Raise ApiError."""
    options = task.params
    refuse_options(options)
    asked = asked_observables(options)
    instance_id = options["module_instance_id"] or _find_instance(task, client, options["module_name"])
    if options["content"] is not None:
        asked = inspect(client, options["content"])
    wanted = _wanted(options, asked)
    wait = Wait(options, sleep, clock)
    while True:
        result = _investigate_once(client, options, asked, instance_id)
        if result.get("failed"):
            return result
        waited = _waited(result, wanted, options["wait_for"]) if options["wait_timeout"] else None
        result["waited"] = waited
        if waited is None or waited["done"] or wait.should_report(waited["found"]):
            for error in result["errors"]:
                task.warn(shown(_error_text(error)))
            return result
        if wait.is_over():
            return {**result, "failed": True, **_timed_out(client, options, _unseen(result, wanted)).as_result()}
        wait.pause()


def _wanted(options: dict[str, Any], asked: list[dict[str, str]]) -> list[WantedSighting]:
    """Return the sightings to wait for. Raise OptionRefused."""
    given = options["observables"]
    if given is None:
        return [(one["type"], one["value"], None) for one in asked]
    pairs = [(checked_observables([item])[0], item["module_instance_id"]) for item in given]
    return list(dict.fromkeys((one["type"], one["value"], instance_id) for one, instance_id in pairs))


def _waited(result: dict[str, Any], wanted: list[WantedSighting], wait_for: str) -> dict[str, Any]:
    """Return the number of observables with a sighting, and whether the wait is over."""
    of = len(wanted)
    found = of - len(_unseen(result, wanted))
    # A module may count sightings that it does not return.
    counted = result["found"] and not any(instance_id for _type, _value, instance_id in wanted)
    return {"found": found, "of": of, "done": found == of if wait_for == ALL else bool(found or counted)}


def _unseen(result: dict[str, Any], wanted: list[WantedSighting]) -> list[dict[str, str]]:
    """Return the observables without a sighting of the required module, or of any module."""
    seen: set[WantedSighting] = set()
    for sighting in result["sightings"]:
        for one in sighting["observables"]:
            value = bare_value(one)
            seen |= {(one["type"], value, None), (one["type"], value, sighting["module_instance_id"])}
    return [{"type": one[0], "value": one[1]} for one in wanted if one not in seen]


def refuse_options(options: dict[str, Any]) -> None:
    """Raise OptionRefused for invalid options, before any request."""
    if fault := seconds_fault(options, "wait_timeout", "wait_interval"):
        raise OptionRefused(fault[0], fix=fault[1])
    given = [name for name in ("content", "query", "observables") if options[name] is not None]
    if not given and not options["check_health"]:
        raise OptionRefused(
            "the task has no observables", fix="set content, query or observables, or set check_health: true"
        )
    if not given and options["wait_timeout"]:
        raise OptionRefused(
            "wait_timeout is set, but the task has no observables", fix="set content, query or observables"
        )
    if options["content"] is not None and not options["content"].strip():
        raise OptionRefused("content is empty", fix="set content to a text with observables")
    for name in ("module_instance_id", "module_name"):
        if options[name] is not None and not options[name].strip():
            raise OptionRefused(f"{name} is empty", fix=f"omit {name} to query all modules")


def asked_observables(options: dict[str, Any]) -> list[dict[str, str]]:
    """Return the observables in the options, without those in C(content). Raise OptionRefused."""
    if options["query"] is not None:
        return parse_query(options["query"])
    if options["observables"] is not None:
        return checked_observables(options["observables"])
    return []


def inspect(client: IrohClient, content: str) -> list[dict[str, str]]:
    """Return the observables that CTR finds in a text (POST /iroh/iroh-inspect/inspect). Raise ApiError if none."""
    answer = client.read_by_post(INSPECT_PATH, {"content": content})
    records = answer.json(client.secrets)
    if not isinstance(records, list):
        raise _unreadable(client, answer, "the answer must be a list of observables")
    found = []
    for record in records:
        pair: dict[str, Any] = {key: record.get(key) if isinstance(record, dict) else None for key in ("type", "value")}
        if not all(isinstance(value, str) and value for value in pair.values()):
            raise _unreadable(client, answer, "an observable must have the strings type and value")
        found.append(pair)
    if not found:
        raise ItemRefused(
            "CTR found no observables in content",
            method=answer.method,
            path=answer.path,
            host=answer.host,
            fix="write the observables in the query syntax, like " + ", ".join(list(FORMS.values())[:3]),
        )
    return found


def observe(
    client: IrohClient, observables: list[dict[str, str]], instance_id: str | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the modules that answered, sightings, and errors (POST /iroh/iroh-enrich/observe/observables).

    ``mids`` limits the query to one module instance; an unknown id gives no module and no error. Raise ApiError.
    """
    params = {"mids": [instance_id]} if instance_id else None
    answer = client.read_by_post(OBSERVE_PATH, observables, params)
    data, errors = _envelope(client, answer)
    if not isinstance(data, list):
        raise _unreadable(client, answer, "the answer must be a list of modules")
    modules, sightings = [], []
    for entry in data:
        docs, count = _docs(client, answer, entry)
        name = {key: _text(entry.get(key)) for key in ("module", "module_instance_id", "module_type_id")}
        modules.append({**name, "sightings_count": count})
        sightings += [sighting_of(doc, name["module"], name["module_instance_id"]) for doc in docs]
    return modules, sightings, errors


def check_health(client: IrohClient, instance_id: str | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the health of one module or of all, and the errors (POST /iroh/iroh-enrich/health). Raise ApiError."""
    path = f"{HEALTH_PATH}/{quote(instance_id, safe='')}" if instance_id else HEALTH_PATH
    answer = client.read_by_post(path, None)
    data, errors = _envelope(client, answer)
    modules: list[dict[str, Any]] = []
    for entry in data if isinstance(data, list) else [data]:
        reported = entry.get("data") if isinstance(entry, dict) else None
        status = reported.get("status") if isinstance(reported, dict) else None
        if not isinstance(status, str):
            raise _missing(client, answer, "data.status", entry)
        name = {key: _text(entry.get(key)) for key in ("module", "module_instance_id", "module_type_id")}
        modules.append({**name, "status": status})
    statuses = {one["status"] for one in modules}
    strange = sorted(statuses - set(WORST_FIRST))
    worst = next((status for status in (*strange, *WORST_FIRST) if status in statuses), UNKNOWN)
    return {"status": worst, "modules": modules}, errors


def _investigate_once(
    client: IrohClient, options: dict[str, Any], asked: list[dict[str, str]], instance_id: str | None
) -> dict[str, Any]:
    """Read the health if requested, then the sightings if there are observables, and return the result."""
    health: dict[str, Any] | None = None
    modules: list[dict[str, Any]] = []
    sightings: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    if options["check_health"]:
        health, errors = check_health(client, instance_id)
    if asked:
        modules, sightings, more = observe(client, asked, instance_id)
        errors = errors + [error for error in more if error not in errors]
    result: dict[str, Any] = {
        "changed": False,
        "found": bool(sightings) or any(one["sightings_count"] for one in modules),
        "observables": asked,
        "sightings": sightings,
        "modules": modules,
        "errors": errors,
        "health": health,
        "module_instance_id": instance_id,
        "looked_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "clock_difference": round(client.clock_difference.total_seconds()),
    }
    problems = _problems(health, errors)
    if problems and options["fail_on_errors"]:
        return {**result, "failed": True, **_failed(client, problems, errors).as_result()}
    return result


def _problems(health: dict[str, Any] | None, errors: list[dict[str, Any]]) -> list[str]:
    """Return the errors that make the task fail: all but warnings, and modules with the health status error."""
    grave = [error for error in errors if error["type"] != WARNING]
    explained = {error["module_instance_id"] for error in grave}
    silent = [
        f"{one['module']}: the health status is error"
        for one in (health or {"modules": []})["modules"]
        if one["status"] == ERROR and one["module_instance_id"] not in explained
    ]
    return [_error_text(error) for error in grave] + silent


def _failed(client: IrohClient, problems: list[str], errors: list[dict[str, Any]]) -> ApiError:
    shown = "; ".join(problems[:MOST_SHOWN])
    if len(problems) > MOST_SHOWN:
        shown += f"; and {len(problems) - MOST_SHOWN} more"
    first = next((error for error in errors if error["type"] != WARNING), None)
    region = client.region
    return ApiError(
        f"{region.label}: {'a module' if len(problems) == 1 else 'several modules'} reported errors: {shown}",
        error=first["code"] if first else None,
        fix="check the module under Integrations in CTR, and its device under Devices in the SSE portal "
        f"({region.portal_url}). Enable Threat Response there under Cloud Services. To query one module only, set "
        "module_instance_id or module_name. To ignore errors of modules, set fail_on_errors: false.",
    )


def _error_text(error: dict[str, Any]) -> str:
    code = f" ({error['code']})" if error["code"] else ""
    return f"{error['module'] or error['module_instance_id'] or 'a module'}: {error['message'] or 'no message'}{code}"


def _timed_out(client: IrohClient, options: dict[str, Any], asked: list[dict[str, str]]) -> ApiError:
    shown = " ".join(f'{one["type"]}:"{one["value"]}"' for one in asked[:MOST_SHOWN])
    return ApiError(
        f"{client.region.label}: no sighting of {shown} within {options['wait_timeout']:g} s",
        fix="check the syntax of the observables. Check that message tracking on the appliance shows the message, that the "
        "message is within the request timeframe of the module, and that appliance server, device and module are in this "
        "region. If the sighting is late, raise wait_timeout.",
    )


def _find_instance(task: Task, client: IrohClient, name: str | None) -> str | None:
    """Return the id of the module instance with this name. Raise ItemRefused if there is none or several."""
    if name is None:
        return None
    records = client.get_all(INSTANCES_PATH, page=PAGE)
    found = [record for record in records if record.get("name") == name.strip()]
    if len(found) != 1:
        ids = ", ".join(str(record["id"]) for record in found)
        raise ItemRefused(
            f"{client.region.label} has {len(found)} modules with the name {name}: {ids}"
            if found
            else f"{client.region.label} has no module with the name {name}",
            method="GET",
            path=INSTANCES_PATH,
            host=client.host,
            fix="set module_instance_id instead" if found else "add it with emailsec.ctr.ctr_module, or check region",
        )
    if found[0].get("enabled") is False:
        task.warn(shown(f"{client.region.label}: the module {name} is disabled, and returns no sightings."))
    return str(found[0]["id"])


def _envelope(client: IrohClient, answer: Answer) -> tuple[Any, list[dict[str, Any]]]:
    """Return data and errors of an answer of iroh-enrich. Raise AnswerUnreadable."""
    body = answer.json(client.secrets)
    if not isinstance(body, dict) or not {"data", "errors"} & set(body):
        raise _unreadable(client, answer, 'the answer must be an object with "data" and "errors"', body)
    errors = body.get("errors")
    listed = errors if isinstance(errors, list) else [] if errors is None else [errors]
    data = body.get("data")
    return ([] if data is None else data), [_error_of(client, error) for error in listed]


def _error_of(client: IrohClient, error: Any) -> dict[str, Any]:
    """Return an error of a module for the result. If it is not an object, use it as the message."""
    if not isinstance(error, dict):
        error = {"message": str(error)}
    return {key: client.secrets.mask(text) if (text := _text(error.get(key))) else None for key in ERROR_KEYS}


def _docs(client: IrohClient, answer: Answer, entry: Any) -> tuple[list[dict[str, Any]], int]:
    """Return the sightings of one module, and their count. C(sightings) is missing if nothing was found."""
    if not isinstance(entry, dict):
        raise _unreadable(client, answer, "the answer of a module must be an object")
    data = entry.get("data")
    sightings = data.get("sightings") if isinstance(data, dict) else None
    if sightings is None:
        return [], 0
    docs = sightings.get("docs") if isinstance(sightings, dict) else None
    if not isinstance(docs, list) or not all(isinstance(doc, dict) for doc in docs):
        raise _missing(client, answer, "data.sightings.docs", sightings)
    count = sightings.get("count")
    return docs, int(count) if isinstance(count, (int, float)) and not isinstance(count, bool) else len(docs)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _unreadable(client: IrohClient, answer: Answer, reason: str, body: Any = None) -> ApiError:
    fields = f"; fields in the answer: {field_names(body, client.secrets)}" if isinstance(body, dict) and body else ""
    return AnswerUnreadable(
        reason + fields,
        **answer.where,
    )


def _missing(client: IrohClient, answer: Answer, field: str, holder: Any) -> ApiError:
    return FieldMissing(
        f'the field "{field}" is missing or has another type; '
        f"fields in the answer: {field_names(holder, client.secrets)}",
        field=field,
        **answer.where,
    )
