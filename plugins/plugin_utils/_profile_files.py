# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Load the profiles that C(esa_ctr_profile) names: files, maps, or a list of both."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleError

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.check import Fault, Source, check_profile
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT

SHIPPED = os.path.join(ROOT, "profiles")
"""The folder of the profiles that come with the collection."""
LARGEST = 1_000_000
"""Bytes of a profile."""
DEEPEST = 12
VARIABLE = "esa_ctr_profile"


def load_profile(value: Any, loader: Any) -> tuple[Profile, list[Fault]]:
    """Return the profile of a value of C(esa_ctr_profile), and its problems. ``loader`` is the DataLoader of Ansible.

    A name without a folder and a suffix is a profile of the collection.
    """
    sources: list[Source] = []
    faults: list[Fault] = []
    for number, one in enumerate(value if isinstance(value, (list, tuple)) else [value]):
        if one in (None, "", {}):
            continue
        if isinstance(one, Mapping):
            place = f"[{number}]" if isinstance(value, (list, tuple)) else ""
            sources.append(Source(f"{VARIABLE}{place}", _plain(one)))
        elif isinstance(one, str):
            found = _read(str(one), loader)
            if isinstance(found, Fault):
                faults.append(found)
            else:
                sources.append(found)
        else:
            faults.append(Fault(VARIABLE, "is neither a file nor a map", "give a path, a map, or a list of these"))
    profile, more = check_profile(sources)
    faults += more
    return (Profile() if faults else profile), faults


def _read(name: str, loader: Any) -> Source | Fault:
    shipped = os.sep not in name and "." not in name
    path = os.path.join(SHIPPED, f"{name}.yml") if shipped else loader.path_dwim(os.path.expanduser(name))
    try:
        if os.path.getsize(path) > LARGEST:
            return Fault(path, f"has more than {LARGEST:,} bytes", "give the path of a profile")
        content, _shown = loader._get_file_contents(path)
        text = content.decode("utf-8") if isinstance(content, bytes) else str(content)
    except (OSError, AnsibleError, UnicodeDecodeError) as error:
        known = ", ".join(sorted(one[:-4] for one in os.listdir(SHIPPED) if one.endswith(".yml"))) or "none yet"
        reason = getattr(error, "strerror", None) or type(error).__name__
        return Fault(
            path, f"cannot be read ({reason})", f"give the path of a profile, or the name of one here: {known}"
        )
    return _parsed(path, text)


def _parsed(path: str, text: str) -> Source | Fault:
    """Return the data of a YAML file with the line of each place. Aliases, tags and duplicate keys are refused."""
    lines: dict[tuple[str, ...], int] = {}
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                return _at(path, event.start_mark, "has an anchor or alias", "write the value out")
            if getattr(event, "tag", None):
                return _at(path, event.start_mark, "has a tag", "write plain YAML")
        node = yaml.compose(text, yaml.SafeLoader)
        for place, line in _places(node, ()):
            if place in lines:
                return Fault(f"{path}:{line}", f"has the key {'.'.join(place)} twice", "merge both")
            lines[place] = line
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return _at(
            path, getattr(error, "problem_mark", None), "is not YAML", "check quotes and indentation at this line"
        )
    except (RecursionError, ValueError):
        return Fault(
            path, "is nested too deeply or has an invalid value", "write the profile as docs/profiles.md shows"
        )
    return Source(path, {} if data is None else data, lines)


def _at(path: str, mark: Any, problem: str, fix: str) -> Fault:
    return Fault(f"{path}:{mark.line + 1}" if mark else path, problem, fix)


def _places(node: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if len(place) > DEEPEST:
        raise RecursionError
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            here = (*place, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _places(inner, here)
    elif isinstance(node, yaml.SequenceNode):
        for number, inner in enumerate(node.value):
            here = (*place, str(number))
            yield here, inner.start_mark.line + 1
            yield from _places(inner, here)


def _plain(value: Any) -> Any:
    """Return a value of the inventory without the tags of Ansible."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
