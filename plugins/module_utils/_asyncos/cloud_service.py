# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The state of the cloud service on one appliance, and how it is read.

Reading writes nothing: a list of servers that only a question shows is looked at and left with Ctrl-C, which drops
what was typed (grade B); nothing is committed in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import region_of_server

from . import menu, screens
from .errors import CommandRefused
from .identity import Identity, check_supported, read_identity
from .session import Screen, Session

COMMAND = "cloudserviceconfig"
SWITCH_COMMAND = "threatresponseconfig"

UNAVAILABLE = "unavailable"
UNREGISTERED = "unregistered"
IN_PROGRESS = "in_progress"
REGISTERED = "registered"
FAILED = "failed"
REGISTRATIONS = (UNAVAILABLE, UNREGISTERED, IN_PROGRESS, REGISTERED, FAILED)


@dataclass(frozen=True)
class CloudService:
    """What an appliance is and how its cloud service stands.

    ``server`` is an FQDN, or None while the service is disabled. ``offered`` are the FQDNs that the appliance lists
    (empty: it has not shown a list). ``own_switch`` is True where the service is switched by C(threatresponseconfig).
    """

    hostname: str
    identity: Identity
    enabled: bool
    server: str | None
    registration: str
    offered: tuple[str, ...] = ()
    own_switch: bool = False

    def as_result(self) -> dict[str, Any]:
        """The public shape: plain data, every key always there."""
        region = region_of_server(self.server)
        return {
            "hostname": self.hostname,
            "product": self.identity.product,
            "model": self.identity.model,
            "version": self.identity.version,
            "serial": self.identity.serial,
            "enabled": self.enabled,
            "server": self.server,
            "region": region.name if region else None,
            "registration": self.registration,
        }

    @classmethod
    def from_result(cls, result: Mapping[str, Any]) -> CloudService:
        """The state that an earlier task returned (see C(as_result)). Raises KeyError where a key is missing."""
        return cls(
            hostname=str(result["hostname"]),
            identity=Identity(*(str(result[key]) for key in ("product", "model", "version", "serial"))),
            enabled=bool(result["enabled"]),
            server=str(result["server"]) if result["server"] else None,
            registration=str(result["registration"]),
        )


async def read_cloud_service(session: Session, identity: Identity | None = None) -> CloudService:
    """Read the whole state; changes nothing.

    Raises Refusal for an appliance that is not supported, CommandRefused where the command is missing or refused,
    UnexpectedScreen where the state cannot be told.
    """
    if identity is None:
        identity = await read_identity(session)
        check_supported(session.host, identity)
    entry = await enter(session)
    operations = menu.operations(entry)
    server = menu.current_server(entry)
    offered: tuple[str, ...] = ()
    if "SETTRS" in operations and server is None:
        server, offered = await _look_at_servers(session, "SETTRS")
    else:
        await session.leave(entry)
    own_switch = bool(operations) and not operations & {"ENABLE", "DISABLE"}
    enabled = _enabled_by_entry(entry, operations)
    if enabled is None and own_switch:
        enabled = await _read_own_switch(session)
    if enabled is None:
        raise session.unexpected(entry, "tell whether the cloud service is enabled")
    return CloudService(
        hostname=session.hostname,
        identity=identity,
        enabled=enabled,
        server=server if enabled else None,
        registration=_registration(entry, operations) if enabled else UNAVAILABLE,
        offered=offered,
        own_switch=own_switch,
    )


async def with_offered_servers(session: Session, state: CloudService) -> CloudService:
    """The same state with the servers that the appliance offers, looked at through ENABLE or SETTRS and Ctrl-C."""
    if state.offered:
        return state
    screen = await enter(session)
    operations = menu.operations(screen)
    for keyword in ("ENABLE", "SETTRS"):
        if keyword in operations:
            _server, offered = await _look_at_servers(session, keyword)
            return replace(state, offered=offered)
    raise session.unexpected(screen, "find ENABLE or SETTRS in the menu")


async def _look_at_servers(session: Session, keyword: str) -> tuple[str | None, tuple[str, ...]]:
    """The server in use and the servers offered, from a question that is not answered."""
    question = await session.send(keyword)
    await session.back_out()
    explained = question.shows(screens.SERVER_FIXED) or question.shows(screens.BUSY)
    if not menu.asks_for_server(question) and not explained:
        raise session.unexpected(question, f"{keyword}: look at the servers")
    return menu.current_server(question), tuple(line.fqdn for line in menu.servers(question))


async def enter(session: Session, command: str = COMMAND) -> Screen:
    """Type the command; return its first screen (a menu, or text and the prompt). Refusals become errors."""
    screen = await session.send(command)
    for text, remedy in (
        (screens.RESTRICTED, "log in to the appliance itself, in machine mode, not at cluster or group level."),
        (
            screens.OTHER_MACHINE,
            "set ansible_asyncos_cluster_machine to the name of the machine that this log-in leads to.",
        ),
        (screens.DISCONNECTED, "reconnect the cluster member, then run again."),
        (screens.NOT_RESYNCHRONIZED, "wait until the cluster is in step, then run again."),
        (screens.UNKNOWN_COMMAND, "check the release and the rights of this user's role."),
    ):
        if screen.shows(text):
            if not screen.at_prompt:
                await session.back_out()
            raise session.refused(
                screen,
                f"the appliance refuses the command {command}.",
                remedy,
            )
    return screen


async def _read_own_switch(session: Session) -> bool:
    """Generations without ENABLE: Threat Response has a command of its own (grade R)."""
    try:
        screen = await enter(session, SWITCH_COMMAND)
    except CommandRefused:
        return True
    operations = menu.operations(screen)
    await session.leave(screen)
    if "DISABLE" in operations:
        return True
    if "ENABLE" in operations:
        return False
    raise session.unexpected(screen, f"read {SWITCH_COMMAND}")


def _enabled_by_entry(entry: Screen, operations: frozenset[str]) -> bool | None:
    if entry.shows(screens.DISABLED):
        return False
    if any(entry.shows(text) for text in (screens.ENABLED, screens.REGISTERED, screens.BUSY)):
        return True
    if ("DISABLE" in operations) != ("ENABLE" in operations):
        return "DISABLE" in operations
    return None


def _registration(entry: Screen, operations: frozenset[str]) -> str:
    if entry.shows(screens.BUSY):
        return IN_PROGRESS
    if entry.shows(screens.REGISTERED):
        return REGISTERED
    if entry.shows(screens.REGISTRATION_FAILED):
        return FAILED
    if "REGISTER" in operations:
        return UNREGISTERED
    if "DEREGISTER" in operations:
        return REGISTERED
    return UNAVAILABLE
