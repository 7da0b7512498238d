# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet file: which appliances the lab serves, and the state they start in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.lab.dialect import SERVER_LABEL, Dialect
from tests.lab.dialect_file import read_dialect
from tests.lab.fleet_clusters import ClusterSpec, read_clusters
from tests.lab.fleet_fields import Fields, FleetError
from tests.lab.regions import SERVERS
from tests.lab.settings import Settings, read_settings
from tests.lab.transcript import Transcript, read_transcript

MODELS = {"ESA": "C100V", "SMA": "M300V", "WSA": "S100V"}
APPLIANCE_FIELDS = {
    "name",
    "hostname",
    "product",
    "model",
    "version",
    "generation",
    "region",
    "initial",
    "dialect",
    "transcript",
}
INITIAL_FIELDS = {"enabled", "region", "registered", "module", "pending"}
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
VERSION = re.compile(r"\d+\.\d+\.\d+-\d+")


@dataclass(frozen=True)
class Initial:
    """State of an appliance before anybody touched it, and what the cloud of its region already knows of it."""

    enabled: bool = False
    region: str | None = None
    registered: bool = False
    module: str | None = None
    """Name of the module instance that is already there, or None."""
    pending: bool = False
    """Whether every session finds uncommitted changes that are not its own (I: C says that they belong to sessions)."""


@dataclass(frozen=True)
class ApplianceSpec:
    """One appliance of the fleet file."""

    name: str
    hostname: str
    product: str
    model: str
    version: str
    generation: int
    region: str | None
    initial: Initial
    dialect: Dialect
    transcript: Transcript | None = None
    """The recorded session that this appliance repeats; its state and generation then play no part."""

    @property
    def release(self) -> str:
        """The version without its build, e.g. 14.0.0."""
        return self.version.partition("-")[0]

    @property
    def build(self) -> str:
        """The build of the version, e.g. 698."""
        return self.version.partition("-")[2]


@dataclass(frozen=True)
class Fleet:
    """A fleet file, checked."""

    source: str
    settings: Settings
    appliances: tuple[ApplianceSpec, ...]
    clusters: tuple[ClusterSpec, ...] = ()


def load_fleet(path: Path) -> Fleet:
    """The fleet of this file; raises FleetError for anything that cannot be used."""
    source = str(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FleetError(source, "", "", f"cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise FleetError(source, "", "", f"is not YAML: {error}") from error
    return read_fleet(source, content)


def read_fleet(source: str, content: object) -> Fleet:
    """The fleet of this content; source is named in errors."""
    top = Fields(source, "", content, {"settings", "appliances", "generate", "clusters"})
    settings = read_settings(source, top.mapping.get("settings"))
    listed = top.mapping.get("appliances") or []
    if not isinstance(listed, list):
        top.fail("appliances", "must be a list")
    specs = [_read_appliance(source, f"appliance {place}", item) for place, item in enumerate(listed, 1)]
    for place, mapping in _generated(source, top.mapping.get("generate")):
        specs.append(_read_appliance(source, place, mapping))
    if not specs:
        raise FleetError(source, "", "appliances", "the fleet is empty: list appliances, or generate some")
    for field in ("name", "hostname"):
        seen: set[str] = set()
        for spec in specs:
            value = getattr(spec, field)
            if value in seen:
                raise FleetError(source, f"appliance {spec.name}", field, f"is used twice: {value}")
            seen.add(value)
    products = {spec.name: spec.product for spec in specs}
    clusters = read_clusters(source, top.mapping.get("clusters"), products)
    return Fleet(source, settings, tuple(specs), clusters)


def _generated(source: str, generate: object) -> list[tuple[str, dict[str, Any]]]:
    """The mappings that `generate:` stands for, each with its place in the file."""
    if generate is None:
        return []
    entries = generate if isinstance(generate, list) else [generate]
    mappings = []
    for number, entry in enumerate(entries, 1):
        place = f"generate {number}"
        fields = Fields(source, place, entry, (APPLIANCE_FIELDS - {"hostname"}) | {"count"})
        count = fields.whole("count", None, 1, 10_000)
        if count is None:
            fields.fail("count", "is required")
        product = fields.choice("product", "ESA", tuple(MODELS))
        region = fields.text("region", "anywhere")
        pattern = fields.text("name", f"{product}-{region}-{{n}}.example.com".lower())
        if "{n}" not in pattern:
            fields.fail("name", "must hold {n}, the place of the number")
        shared = {key: value for key, value in fields.mapping.items() if key not in ("count", "name")}
        mappings += [(place, {**shared, "name": pattern.replace("{n}", f"{n:04d}")}) for n in range(1, count + 1)]
    return mappings


def _read_appliance(source: str, place: str, mapping: object) -> ApplianceSpec:
    if isinstance(mapping, dict) and isinstance(mapping.get("name"), str):
        place = f"appliance {mapping['name']}"
    fields = Fields(source, place, mapping, APPLIANCE_FIELDS)
    name = fields.text("name", None)
    if name is None:
        fields.fail("name", "is required")
    hostname = fields.text("hostname", name)
    for key, value in (("name", name), ("hostname", hostname)):
        if not HOST_NAME.fullmatch(value):
            fields.fail(key, f"must be a host name, not {value!r}")
    product = fields.choice("product", "ESA", tuple(MODELS))
    version = fields.text("version", "14.0.0-698")
    if not VERSION.fullmatch(version):
        fields.fail("version", f"must look like 14.0.0-698, not {version!r}")
    generation = fields.whole("generation", 3, 1, 4)
    transcript = fields.text("transcript", None)
    dialect = read_dialect(fields, generation)
    if dialect.prompt != "standalone" and product != "ESA":
        fields.fail("dialect.prompt", "only an ESA can be in a cluster")
    return ApplianceSpec(
        name=name,
        hostname=hostname,
        product=product,
        model=fields.text("model", MODELS[product]),
        version=version,
        generation=generation,
        region=fields.text("region", None),
        initial=_read_initial(fields, name, product, dialect),
        dialect=dialect,
        transcript=read_transcript(Path(source).parent / transcript) if transcript else None,
    )


def _read_initial(appliance: Fields, name: str, product: str, dialect: Dialect) -> Initial:
    fields = appliance.inner("initial", INITIAL_FIELDS)
    module = fields.mapping.get("module")
    if isinstance(module, str) and module.strip():
        module_name: str | None = module
    else:
        module_name = name if fields.flag("module", False) else None
    initial = Initial(
        enabled=fields.flag("enabled", False),
        region=fields.choice("region", None, tuple(SERVERS)),
        registered=fields.flag("registered", False),
        module=module_name,
        pending=fields.flag("pending", False),
    )
    offered = [SERVER_LABEL.fullmatch(label)["fqdn"] for label in dialect.servers]
    if initial.region and SERVERS[initial.region] not in offered:
        fields.fail("region", f"{initial.region} is not among the servers that this appliance offers")
    if initial.registered and not (initial.enabled and initial.region):
        fields.fail("registered", "needs enabled: true and a region")
    if initial.module and not initial.registered:
        fields.fail("module", "needs registered: true")
    if initial.module and product == "WSA":
        fields.fail("module", "is for ESA and SMA only")
    return initial
