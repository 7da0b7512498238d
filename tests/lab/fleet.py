# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet file: the appliances of the lab, and their initial states."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.lab.dialect import Dialect
from tests.lab.dialect_file import read_dialect
from tests.lab.fleet_clusters import ClusterSpec, read_clusters
from tests.lab.fleet_fields import Fields, FleetError
from tests.lab.fleet_initial import Initial, read_initial
from tests.lab.region_switches import RegionSwitches, read_regions
from tests.lab.services import Services, read_services
from tests.lab.settings import Settings, read_settings
from tests.lab.transcript import Transcript, read_transcript
from tests.lab.world import World, read_world

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
    "services",
    "managed_by",
    "shows",
}
SHOWN = {"hostname", "model", "version", "serial"}
"""What an appliance can show in place of valid texts: any text."""
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
VERSION = re.compile(r"\d+\.\d+\.\d+-\d+")


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
    """The recorded session that this appliance replays, without regard to state and generation."""
    later: tuple[Transcript, ...] = ()
    """The transcripts of the next sessions, in order."""
    services: Services = field(default_factory=Services)
    managed_by: str | None = None
    """The SMA that manages this ESA and gets its tracking data."""
    serial: str | None = None
    """The serial number that the appliance shows; None: its own."""

    @property
    def release(self) -> str:
        """Return the version without its build, e.g. 14.0.0."""
        return self.version.partition("-")[0]

    @property
    def build(self) -> str:
        """Return the build of the version, e.g. 698."""
        return self.version.partition("-")[2]


@dataclass(frozen=True)
class Fleet:
    """A checked fleet file."""

    source: str
    settings: Settings
    appliances: tuple[ApplianceSpec, ...]
    clusters: tuple[ClusterSpec, ...] = ()
    regions: Mapping[str, RegionSwitches] = field(default_factory=dict)
    world: World = field(default_factory=World)
    exchanges: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    """Recorded exchanges by region, which the clouds replay; None: the clouds are simulated."""


def load_fleet(path: Path) -> Fleet:
    """Return the fleet of this file; raise FleetError if it is invalid."""
    source = str(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FleetError(source, "", "", f"cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise FleetError(source, "", "", f"is not YAML: {error}") from error
    return read_fleet(source, content)


def read_fleet(source: str, content: object) -> Fleet:
    """Return the fleet of this content; errors name the source."""
    top = Fields(
        source, "", content, {"settings", "appliances", "generate", "clusters", "services", "regions", "world"}
    )
    settings = read_settings(source, top.mapping.get("settings"))
    listed = top.mapping.get("appliances") or []
    if not isinstance(listed, list):
        top.fail("appliances", "must be a list")
    services = read_services(top, Services())
    specs = [_read_appliance(source, f"appliance {place}", item, services) for place, item in enumerate(listed, 1)]
    for place, mapping in _generated(source, top.mapping.get("generate")):
        specs.append(_read_appliance(source, place, mapping, services))
    if not specs:
        raise FleetError(source, "", "appliances", "the fleet is empty: list appliances, or generate some")
    for key in ("name", "hostname"):
        seen: set[str] = set()
        for spec in specs:
            value = getattr(spec, key)
            if value in seen:
                raise FleetError(source, f"appliance {spec.name}", key, f"is used twice: {value}")
            seen.add(value)
    products = {spec.name: spec.product for spec in specs}
    for spec in specs:
        if spec.managed_by and (spec.product, products.get(spec.managed_by)) != ("ESA", "SMA"):
            raise FleetError(source, f"appliance {spec.name}", "managed_by", "must name an SMA, for an ESA")
    clusters = read_clusters(source, top.mapping.get("clusters"), products)
    return Fleet(source, settings, tuple(specs), clusters, read_regions(top), read_world(top))


def _generated(source: str, generate: object) -> list[tuple[str, dict[str, Any]]]:
    """Return the mappings generated by `generate:`, each with its place in the file."""
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


def _read_appliance(source: str, place: str, mapping: object, services: Services) -> ApplianceSpec:
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
    shows = fields.inner("shows", SHOWN)
    dialect = read_dialect(fields, generation)
    if dialect.prompt != "standalone" and product != "ESA":
        fields.fail("dialect.prompt", "only an ESA can be in a cluster")
    return ApplianceSpec(
        name=name,
        hostname=shows.text("hostname", hostname),
        product=product,
        model=shows.text("model", fields.text("model", MODELS[product])),
        version=shows.text("version", version),
        generation=generation,
        region=fields.text("region", None),
        initial=read_initial(fields, name, hostname, product, dialect),
        dialect=dialect,
        transcript=read_transcript(Path(source).parent / transcript) if transcript else None,
        services=read_services(fields, services),
        managed_by=fields.text("managed_by", None),
        serial=shows.text("serial", None),
    )
