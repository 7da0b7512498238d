# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""POST /iroh/iroh-enrich/observe/observables (A): messages that the appliances of this region tracked, as sightings.

Only enabled modules answer; unknown module ids are ignored (A: the parameter selects). The module of an appliance finds
the messages that the appliance tracked within the module's timeframe; a module without results has empty data (I).
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from tests.lab.appliance.api_search import domain_of
from tests.lab.appliance.tracking import TrackedMessage
from tests.lab.cloud.clock import utc_text
from tests.lab.cloud.errors import invalid
from tests.lab.cloud.module_state import device_of, errors_of, named, timeframe_of
from tests.lab.cloud.requests import Record
from tests.lab.cloud.store import CloudStore

PATH = "/iroh/iroh-enrich/observe/observables"
SCHEMA_VERSION = "1.1.3"
TYPES = frozenset(
    [
        "ip",
        "ipv6",
        "domain",
        "url",
        "email",
        "email_messageid",
        "email_subject",
        "cisco_mid",
        "sha256",
        "sha1",
        "md5",
        "file_name",
        "file_path",
        "hostname",
        "user",
        "mac_address",
        "device",
    ]
)
"""The types of the vendor's description that are relevant for an email appliance."""


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the observe path."""

    async def observe(request: web.Request) -> web.Response:
        observables = _observables(await request.text())
        mids = request.query.getall("mids", [])
        asked = [one for one in store.instances.values() if one["enabled"] and (not mids or one["id"] in mids)]
        data, errors = [], []
        for instance in asked:
            if device_of(store, instance) is None:
                continue
            faults = errors_of(store, instance)
            errors += faults
            if not faults:
                data.append({**named(instance), "data": _found(store, instance, observables)})
        return web.json_response({"data": data, "errors": errors} if errors else {"data": data})

    app.router.add_post(PATH, observe)


def _observables(text: str) -> list[Record]:
    try:
        body: Any = json.loads(text)
    except ValueError:
        raise invalid("the body is not JSON") from None
    if not isinstance(body, list):
        raise invalid("the body must be a list of observables")
    for one in body:
        if not isinstance(one, dict) or set(one) != {"type", "value"} or not all(map(_is_text, one.values())):
            raise invalid("an observable must have a type and a value, both strings, and nothing else")
        if one["type"] not in TYPES:
            raise invalid(f"type: {one['type']} is no type of observable")
    return body


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _found(store: CloudStore, instance: Record, observables: list[Record]) -> Record:
    appliance = store.appliance_of(str(device_of(store, instance)))
    if appliance is None:
        return {}
    now = store.now
    messages = appliance.found_messages(now - timeframe_of(store, instance), now + 60)
    docs = [
        sighting(message, instance, hits, appliance.spec.hostname)
        for message in messages
        if (hits := [one for one in observables if one in observables_of(message)])
    ]
    return {"sightings": {"count": len(docs), "docs": docs}} if docs else {}


def observables_of(message: TrackedMessage) -> list[Record]:
    """Return the observables of a message, with the names of procedure.md (A)."""
    pairs = [
        ("ip", message.sender_ip),
        ("domain", domain_of(message.sender)),
        ("email", message.sender),
        ("email_messageid", message.message_id.strip("<>")),
        ("email_messageid", message.message_id),
        ("email_subject", message.subject),
        ("cisco_mid", str(message.mid)),
    ]
    for name, sha256 in message.attachments:
        pairs += [("file_name", name), ("sha256", sha256)]
    return [{"type": kind, "value": value} for kind, value in pairs if value]


def sighting(message: TrackedMessage, instance: Record, hits: list[Record], source: str) -> Record:
    """Return a sighting of this message: the required fields are A, the choice of the others is I."""
    sender = {"type": "email", "value": message.sender}
    subject = {"type": "email_subject", "value": message.subject or "(none)"}
    relations = [_relation("Sender_Of", sender, subject, source)]
    relations += [
        _relation("Sent_To", subject, {"type": "email", "value": recipient}, source) for recipient in message.recipients
    ]
    at = utc_text(message.at)
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{instance['id']} {message.host} {message.mid}")
    return {
        "id": f"transient:sighting-{identity}",
        "type": "sighting",
        "schema_version": SCHEMA_VERSION,
        "count": 1,
        "confidence": "High",
        "internal": True,
        "title": "Email message",
        "description": f"Message {message.mid}: {message.status}",
        "observed_time": {"start_time": at, "end_time": at},
        "observables": hits,
        "relations": relations,
        "sensor": "network.gateway",
        "source": source,
    }


def _relation(name: str, source: Record, related: Record, origin: str) -> Record:
    return {"origin": origin, "relation": name, "source": source, "related": related}
