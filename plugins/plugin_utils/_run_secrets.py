# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The secrets of a run, for the masker of this process.

The first task of a play reads the variables of all hosts and packs their secrets into its registered result. It stays in the
memory of Ansible, like the variables themselves. Later tasks unpack it; no module gets it.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import INTERNAL, PREFIX, plain_tree
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import NAMES, OF_RUN, know, known, secrets_in

from ._evaluated import evaluated_tree

PLAN, REGISTRATIONS = "esa_ctr__plan", "esa_ctr__registrations"
"""The registered variables of the role that have the secrets of the run, and its registration tokens."""
MOST = 500
"""Secrets of the run that a later task masks: those of regions and groups first. The forms of thousands take a second."""
KEPT = ("tokens",)
"""Results that later tasks need unmasked. They are hidden."""


def know_secrets_of_play(values: Mapping[str, Mapping[str, Any]], tokens: Iterable[str]) -> None:
    """Know the secrets in the evaluated variables of all hosts of a play. HostConnections knows those of SSH."""
    # Hosts of a group share a value.
    shared = {id(value): (name, value) for each in values.values() for name, value in each.items() if _may_hold(name)}
    know([os.environ.get("CTR_CLIENT_PASSWORD")])
    for name, value in sorted(shared.values(), key=lambda each: each[0] != "esa_ctr_regions"):
        know(secrets_in(name, plain_tree(value)))
    know(tokens)


def know_secrets_of_task(action: ActionBase, task_vars: Mapping[str, Any] | None) -> None:
    """Know the secrets in the options of a task, and those of the run, or without a plan those in the variables of the host."""
    variables = task_vars or {}
    options = action._task.args.items()
    know(secrets_in("", {name: one for name, one in options if isinstance(one, str) or name == "notify_headers"}))
    know(list(_value(variables, REGISTRATIONS, "tokens", {}).values())[:MOST])
    packed = _value(variables, PLAN, "secrets", "")
    know(json.loads(zlib.decompress(base64.b64decode(packed))) if packed else _of_host(action, variables))


def packed_secrets() -> str:
    """Return the secrets that this process knows, for the registered result of the first task."""
    return base64.b64encode(zlib.compress(json.dumps(known()[:MOST]).encode())).decode()


def masked_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a module with the secrets of the run masked."""
    return {name: one if name in KEPT else OF_RUN.mask_data(one) for name, one in result.items()}


def _of_host(action: ActionBase, variables: Mapping[str, Any]) -> Iterator[str]:
    for name, value in variables.items():
        if name.startswith((PREFIX, "ansible_")) and not name.startswith(INTERNAL) and _may_hold(name):
            yield from secrets_in(name, plain_tree(evaluated_tree(action._templar, value)))
    yield os.environ.get("CTR_CLIENT_PASSWORD", "")


def _may_hold(name: str) -> bool:
    return name == "esa_ctr_regions" or bool(NAMES.search(name))


def _value(variables: Mapping[str, Any], name: str, key: str, default: Any) -> Any:
    """Return a value of a registered variable; the default if the user has a variable of this name."""
    found = variables.get(name)
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, type(default)) else default
