# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The values of a host's variables, and why there is none, without a secret in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import Failed, Hidden

OMITTED = object()
"""The value of a variable that is omitted."""

HOST_NAME = "{{ inventory_hostname }}"
"""The template of most hosts, as the default of C(esa_ctr_module_name). Compiling it takes a millisecond for each host."""

_VAULTED = ("EncryptedString", "AnsibleVaultEncryptedUnicode")
_UNDEFINED = re.compile(r"'(?P<name>[^'\n]{1,100})' is undefined")
_NO_ATTRIBUTE = re.compile(r"object of type '[^'\n]{1,60}' has no attribute '[^'\n]{1,100}'")


def evaluated(templar: Any, value: Any) -> Any:
    """Return the evaluated value, as Hidden if it comes from a vault. Return Failed or OMITTED if there is none."""
    if is_literal(value):
        return value
    if value == HOST_NAME:
        return templar.available_variables["inventory_hostname"]
    try:
        found = templar.template(value)
    except Exception as error:  # the classes of templating errors differ between releases of ansible-core
        return OMITTED if type(error).__name__ == "AnsibleValueOmittedError" else _failed(error)
    vaulted = type(value).__name__ in _VAULTED or _from_vault(found)
    return Hidden(found) if vaulted else found


def evaluated_tree(templar: Any, value: Any) -> Any:
    """Return the evaluated value. Evaluate each item of a map separately, so that one failure affects only this item."""
    if isinstance(value, Mapping):
        items = {str(key): evaluated_tree(templar, each) for key, each in value.items()}
        return {key: each for key, each in items.items() if each is not OMITTED}
    return evaluated(templar, value)


def is_literal(value: Any) -> bool:
    """Return whether the value has no template. Most variables do not."""
    if isinstance(value, str):
        return not any(mark in value for mark in ("{{", "{%", "{#"))
    if isinstance(value, Mapping):
        return all(is_literal(key) and is_literal(each) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(is_literal, value))
    return value is None or isinstance(value, (bool, int, float))


def _from_vault(value: Any) -> bool:
    """Return whether ansible-core (2.19 or later) marked the value as from a vault."""
    tags = getattr(value, "_ansible_tags_mapping", None) or ()
    return any(tag.__name__ == "VaultedValue" for tag in tags)


def _failed(error: BaseException) -> Failed:
    """Return the reason of a templating error. For unknown errors only the class, because some texts show the value."""
    chain: list[BaseException] = [error]
    while chain[-1].__cause__ is not None and len(chain) < 10:
        chain.append(chain[-1].__cause__)
    for each in chain:
        text = str(each)
        undefined = _UNDEFINED.search(text)
        if undefined:
            return Failed(undefined.group(), f"define {undefined.group('name')} for the host, or correct the template.")
        attribute = _NO_ATTRIBUTE.search(text)
        if attribute:
            return Failed(attribute.group(), "define all variables and keys of the template.")
    if any("Vault" in type(each).__name__ for each in chain):
        return Failed(
            "the vault cannot be decrypted", "give the vault password, or encrypt the value with the current password."
        )
    return Failed(type(chain[-1]).__name__, "correct the template.")
