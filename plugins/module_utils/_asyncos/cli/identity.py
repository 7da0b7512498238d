# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read product, model and version (command C(version)), and check that they are supported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import NotAsyncOS, Refusal

from .session import Session

ESA = "ESA"
SMA = "SMA"
WSA = "WSA"
_PRODUCTS = {"C": ESA, "X": ESA, "M": SMA, "S": WSA}
MINIMUM = {ESA: (13, 0), SMA: (12, 5)}
"""First release that integrates by itself: the vendor's procedure, "Rules and troubleshooting" (grade A)."""

_LONGEST = 65536
"""Characters. A longer answer is not from C(version)."""


@dataclass(frozen=True)
class Identity:
    """Product ``ESA``, ``SMA``, ``WSA`` or ``unknown``; version like ``14.0.0-698``; serial may be empty."""

    product: str
    model: str
    version: str
    serial: str

    @property
    def release(self) -> tuple[int, int]:
        match = re.match(r"(\d+)\.(\d+)", self.version)
        return (int(match.group(1)), int(match.group(2))) if match else (0, 0)


async def read_identity(session: Session) -> Identity:
    """Read the identity with ``version`` (grade C). Raise NotAsyncOS if the answer lacks a model or a version."""
    screen = await session.send("version")
    fields = fields_of(screen.text) if len(screen.text) <= _LONGEST else {}
    model, version = fields.get("model", ""), fields.get("version", "")
    if not screen.at_prompt or not model or not re.match(r"\d+\.\d+", version):
        if not screen.at_prompt:
            await session.back_out()
        raise NotAsyncOS(
            session.host,
            "the command 'version' does not show the model and version of an AsyncOS appliance.",
            "check ansible_host and ansible_port; if the host is not an ESA or SMA, remove it from the group.",
            session.excerpt(screen.text),
        )
    return Identity(
        product=product_of(model) or "unknown",
        model=model,
        version=version,
        serial=fields.get("serial #", fields.get("serial", "")),
    )


def product_of(model: str) -> str:
    """Return ESA, SMA or WSA for a model, or an empty text for another model."""
    return _PRODUCTS.get(model[:1].upper(), "")


def fields_of(text: str) -> dict[str, str]:
    """Return the values of the lines C(name: value) by name in lower case."""
    parted = (line.partition(":") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in parted if colon}


def check_supported(host: str, identity: Identity) -> None:
    """Raise Refusal for a web gateway, an unknown product or a release that is too old."""
    if identity.product == WSA:
        raise Refusal(
            host,
            f"model {identity.model} is a web gateway, which this collection does not manage.",
            "remove the host from the group of email appliances.",
        )
    if identity.product not in MINIMUM:
        raise Refusal(
            host,
            f"model {identity.model} is neither an ESA (C*) nor an SMA (M*).",
            "remove the host from the group; if it is an ESA or SMA, report the model.",
        )
    minimum = MINIMUM[identity.product]
    if identity.release < minimum:
        raise Refusal(
            host,
            f"AsyncOS {identity.version} on an {identity.product} is too old: the integration needs "
            f"{minimum[0]}.{minimum[1]} or later.",
            "upgrade the appliance.",
        )
