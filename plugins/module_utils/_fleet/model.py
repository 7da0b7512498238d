# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Data classes of a fleet: its settings, its readings and the outcomes of tasks. No decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Union

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import state
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Step
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    Failure,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import DeviceIndex
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AccessRefused, ApiError

from .reasons import Code, Reason, reason


class Goal(Enum):
    """The goal of a run: onboard or remove appliances."""

    PRESENT = "present"
    ABSENT = "absent"


class Registration(Enum):
    """The registration of an appliance with SSE, as shown by its cloud service."""

    UNAVAILABLE = state.UNAVAILABLE
    UNREGISTERED = state.UNREGISTERED
    IN_PROGRESS = state.IN_PROGRESS
    REGISTERED = state.REGISTERED
    FAILED = state.FAILED
    SMART_LICENSING = state.SMART_LICENSING


@dataclass(frozen=True)
class Wanted:
    """The desired state of one appliance, from the inventory. ``manual_token``: its registration token comes from the portal."""

    host: str
    region: str
    module_name: str
    request_timeframe_days: int = 30
    commit_comment: str = ""
    allow_region_change: bool = False
    disable_on_removal: bool = False
    manual_token: bool = False
    managed_by_sma: str | None = None
    hosted: bool = False


@dataclass(frozen=True)
class InventoryAppliance:
    """An appliance of the whole inventory, with the names that SSE may show for it. Its own host name is read later."""

    host: str
    names: tuple[str, ...]
    module_name: str


@dataclass(frozen=True)
class Settings:
    """The settings of a batch of the play, and what its run needs of the rest of the inventory.

    ``hosts`` are in the order of the play. ``regions`` are the regions of these hosts. ``inventory`` lists all appliances
    of the inventory (empty if the run does not need them). ``other_hosts`` are names of appliances outside the inventory.
    ``profile`` is the merged profile that applies, ``profile_sources`` are its files and maps.
    """

    hosts: Mapping[str, Wanted]
    regions: tuple[str, ...] = ()
    inventory: tuple[InventoryAppliance, ...] = ()
    other_hosts: tuple[str, ...] = ()
    prune: bool = False
    profile: Mapping[str, Any] = field(default_factory=dict)
    profile_sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApiFailure:
    """Why the cloud tasks of a whole region failed. ``path`` is the method and path of the request that failed, if any."""

    message: str
    path: str | None = None
    http_status: int | None = None
    error: str | None = None
    error_description: str | None = None
    fix: str | None = None
    missing_scopes: bool = False

    @property
    def refused(self) -> bool:
        """Whether the region was read but refused, such as for a missing module type."""
        return self.path is None and self.fix is not None

    def as_error(self) -> ApiError:
        """Return the failure as an exception of the class that the cloud functions expect."""
        kind = AccessRefused if self.http_status in (401, 403) else ApiError
        error = kind(self.message, path=self.path, http_status=self.http_status, error=self.error, fix=self.fix)
        error.error_description = self.error_description
        error.args = (self.message,)
        return error

    @property
    def lacks_scope(self) -> bool:
        """Whether the API refused an authenticated client for a missing scope. A login or a proxy refuses differently."""
        login = str(self.path).endswith("/oauth2/token")
        return self.http_status == 403 and (bool(self.error) or self.missing_scopes) and not login


@dataclass(frozen=True)
class Quota:
    """API calls of the organisation in 60 minutes, from an answer at ``said_at`` (ISO 8601). None if no answer had them."""

    limit: int | None = None
    remaining: int | None = None
    said_at: str | None = None


@dataclass(frozen=True)
class DevicesReading:
    """The devices of a region, or the failure to read them."""

    devices: tuple[Device, ...] = ()
    failure: ApiFailure | None = None
    quota: Quota = Quota()

    @cached_property
    def book(self) -> DeviceIndex:
        """The devices by name. Empty if they were not read."""
        return DeviceIndex(self.devices)

    @property
    def read(self) -> bool:
        return self.failure is None


@dataclass(frozen=True)
class ModulesReading:
    """The CTR modules of a region: the types as described by the API, and the instances by type id.

    ``named`` holds, by product, the C(id) or C(title) of the type that the settings name.
    """

    types: tuple[Mapping[str, Any], ...] = ()
    instances: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failure: ApiFailure | None = None
    quota: Quota = Quota()


@dataclass(frozen=True)
class ApplianceOutcome:
    """The outcome of a task on one appliance, actual or predicted."""

    before: CloudService | None = None
    after: CloudService | None = None
    steps: tuple[Step, ...] = ()
    pending_changes: bool | None = None
    failure: Failure | None = None
    meanwhile: tuple[Meanwhile, ...] = ()


class Action(Enum):
    """The action of a cloud task on one item: a token, a record or a module."""

    NONE = "none"
    ADDED = "added"
    NEW_TOKEN = "new_token"
    HANDED_OUT = "handed_out"
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    MANUAL = "by_hand"
    FAILED = "failed"


GIVES_TOKEN = (Action.ADDED, Action.NEW_TOKEN, Action.HANDED_OUT)


@dataclass(frozen=True)
class Answer:
    """The outcome for one item. ``manual`` is the work that is left for manual mode."""

    name: str | None
    id: str | None
    action: Action
    error: str | None = None
    device_id: str | None = None
    manual: str | None = None
    found: FoundModule | None = None
    meanwhile: Meanwhile | None = None


@dataclass(frozen=True)
class FoundModule:
    """A module as it was read, with the settings that this collection manages."""

    name: str
    device_id: str | None
    request_timeframe_days: int | None
    enabled: bool
    id: str | None = None
    product: str | None = None


@dataclass(frozen=True)
class SharedDevice:
    """A device that several modules point to."""

    device_id: str | None
    device_name: str | None
    modules: tuple[str, ...]


@dataclass(frozen=True)
class FoundType:
    """The module type of a product. ``devices_offered`` is None if the API does not list devices."""

    product: str
    title: str
    devices_offered: int | None = None


@dataclass(frozen=True)
class RegionOutcome:
    """The outcome of a cloud task in one region. A failure with answers concerns only some of them."""

    answers: tuple[Answer, ...] = ()
    failure: ApiFailure | None = None
    quota: Quota = Quota()

    @cached_property
    def _by_name(self) -> Mapping[str | None, Answer]:
        return {answer.name: answer for answer in reversed(self.answers)}

    def named(self, name: str | None) -> Answer | None:
        """Return the first answer with this name."""
        return self._by_name.get(name)


@dataclass(frozen=True)
class TokensOutcome(RegionOutcome):
    """Registration tokens. ``given`` and ``left_over`` count tokens from the portal. Token values are never stored here."""

    given: int = 0
    left_over: int = 0


@dataclass(frozen=True)
class FleetState:
    """Everything that was read. A region missing from both ``devices`` and ``modules`` was not read.

    ``portal_tokens`` holds, by region, which hosts would get a registration token from the portal.
    """

    settings: Settings
    appliances: Mapping[str, ApplianceReading] = field(default_factory=dict)
    devices: Mapping[str, DevicesReading] = field(default_factory=dict)
    modules: Mapping[str, ModulesReading] = field(default_factory=dict)
    portal_tokens: Mapping[str, TokensOutcome] = field(default_factory=dict)


@dataclass(frozen=True)
class WaitOutcome(RegionOutcome):
    """The outcome of waiting for SSE: the ``missing`` devices with their state, and the ``devices`` shown at the end.

    ``predicted``: no task has waited yet; SSE does not show the devices now.
    """

    missing: Mapping[str, str] | None = None
    devices: tuple[Device, ...] = ()
    predicted: bool = False


@dataclass(frozen=True)
class ModulesOutcome(RegionOutcome):
    """CTR modules. ``instances`` and ``orphans`` are None if they were not requested or could not be read."""

    instances: tuple[FoundModule, ...] | None = None
    orphans: tuple[FoundModule, ...] | None = None
    shared: tuple[SharedDevice, ...] = ()
    types: tuple[FoundType, ...] = ()


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of the tasks of a run so far, actual or predicted, by host or by region.

    A task that has not run has no outcome. ``alive`` are the hosts that Ansible still runs; None means all.
    """

    alive: frozenset[str] | None = None
    read_again: Mapping[str, ApplianceOutcome] = field(default_factory=dict)
    enable: Mapping[str, ApplianceOutcome] = field(default_factory=dict)
    register: Mapping[str, ApplianceOutcome] = field(default_factory=dict)
    tokens: Mapping[str, TokensOutcome] = field(default_factory=dict)
    wait: Mapping[str, WaitOutcome] = field(default_factory=dict)
    modules: Mapping[str, ModulesOutcome] = field(default_factory=dict)
    records: Mapping[str, RegionOutcome] = field(default_factory=dict)
    old_modules: Mapping[str, ModulesOutcome] = field(default_factory=dict)
    old_records: Mapping[str, RegionOutcome] = field(default_factory=dict)
    pruned_modules: Mapping[str, ModulesOutcome] = field(default_factory=dict)
    pruned_records: Mapping[str, RegionOutcome] = field(default_factory=dict)


class CloudStepKind(Enum):
    """The kinds of cloud steps for one appliance."""

    MODULE_CREATED = "module_created"
    MODULE_UPDATED = "module_updated"
    MODULE_DELETED = "module_deleted"
    RECORD_DELETED = "record_deleted"
    OLD_MODULE_DELETED = "old_module_deleted"
    OLD_RECORD_DELETED = "old_record_deleted"


@dataclass(frozen=True)
class CloudStep:
    """One step in the cloud. ``region`` is set for a record or module in another region."""

    kind: CloudStepKind
    region: str = ""


FleetStep = Union[Step, CloudStep]  # noqa: UP007 - ansible-test takes | for an operation on values
"""A step on the appliance, or one in the cloud."""


@dataclass(frozen=True)
class RecordElsewhere:
    """An SSE record of an appliance in another region than the desired one. ``remove``: this run removes it."""

    region: str
    id: str
    name: str
    status: str
    remove: bool

    @property
    def registered(self) -> bool:
        return self.status.lower() == Registration.REGISTERED.value


@dataclass
class Progress:
    """The progress of one appliance. ``stop`` is the reason why the run does not continue with it."""

    wanted: Wanted
    device: str | None = None
    product: str = ""
    registration: str | None = None
    enabled: bool = False
    needs_token: bool = False
    left_region: str | None = None
    """The region from which this run deregistered the appliance."""
    elsewhere: list[RecordElsewhere] = field(default_factory=list)
    module: Action | None = None
    steps: list[FleetStep] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    stop: Reason | None = None
    shared: bool = False
    """Whether other appliances of the region stop for the same reason. The report then shows it once."""

    @property
    def why(self) -> Reason | None:
        """Return the reason to show for this appliance."""
        return reason(Code.REGION_FAILED, region=self.region) if self.shared else self.stop

    @property
    def host(self) -> str:
        return self.wanted.host

    @property
    def region(self) -> str:
        return self.wanted.region

    @property
    def registered(self) -> bool:
        return self.registration == Registration.REGISTERED.value

    def answer_in(self, tokens: Mapping[str, TokensOutcome]) -> Answer | None:
        """Return the answer about the token of this appliance, or None without one. ``tokens``: outcomes by region."""
        outcome = tokens.get(self.region)
        return outcome.named(self.device) if outcome else None

    def change_meanwhile(self, change: Meanwhile | None) -> None:
        """Note once that this has changed since the reading, other than by this run."""
        if change is None:
            return
        expired = change is Meanwhile.TOKEN_EXPIRED
        note = reason(Code.TOKEN_EXPIRED) if expired else reason(Code.CHANGED_MEANWHILE, what=change.value)
        if note not in self.notes:
            self.notes.append(note)

    def fail(self, reason: Reason) -> None:
        """Stop the appliance. The first reason is kept."""
        self.stop = self.stop or reason
