# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a probe are complete, private, and written in one step."""

from __future__ import annotations

import json
import os
import stat

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Proposal
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render import files
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.files import save
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import BadSources
from tests.samples import probe_document as probe

USUAL = probe.usual()


def write(folder, document, proposals=None, remaining=None):
    return save(
        str(folder),
        ROOT,
        document,
        document.proposals if proposals is None else proposals,
        document.remaining if remaining is None else remaining,
    )


def test_four_private_files(tmp_path) -> None:
    paths = write(tmp_path / "new" / "folder", USUAL)
    names = {name: os.path.basename(path) for name, path in paths.items()}
    assert names == {"json": "probe.json", "md": "probe.md", "html": "probe.html", "profile": "profile.yml"}
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == sorted(names.values())
    for path in paths.values():
        assert os.path.isabs(path)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with open(paths["json"], encoding="utf-8") as stream:
        assert json.load(stream) == json.loads(json.dumps(USUAL.as_json()))


def test_only_the_profile_file_has_the_values_as_they_came(tmp_path) -> None:
    real = [Proposal(("regions", "canada", "label"), "REAL NAME", "seen", "x")]
    paths = write(tmp_path, USUAL, real, ())
    with open(paths["profile"], encoding="utf-8") as stream:
        assert yaml.safe_load(stream) == {"regions": {"canada": {"label": "REAL NAME"}}}
    for name in ("json", "md", "html"):
        with open(paths[name], encoding="utf-8") as stream:
            assert "REAL NAME" not in stream.read()


def test_no_profile_without_a_difference_and_an_older_one_is_removed(tmp_path) -> None:
    write(tmp_path, USUAL)
    assert set(write(tmp_path, probe.clean())) == {"json", "md", "html"}
    assert sorted(os.listdir(tmp_path)) == ["probe.html", "probe.json", "probe.md"]


def test_what_is_not_certain_is_enough_for_a_profile(tmp_path) -> None:
    paths = write(tmp_path, probe.clean(), (), USUAL.remaining)
    with open(paths["profile"], encoding="utf-8") as stream:
        assert yaml.safe_load(stream) == {}


def test_hostile_text_is_written(tmp_path) -> None:
    """Lone surrogates cannot be written as UTF-8."""
    for path in write(tmp_path, probe.hostile()).values():
        with open(path, encoding="utf-8") as stream:
            assert stream.read()


def test_an_error_changes_no_file(tmp_path, monkeypatch) -> None:
    write(tmp_path, USUAL)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def refuse(*_args) -> str:
        raise BadSources("broken")

    monkeypatch.setattr(files, "html_text", refuse)
    with pytest.raises(BadSources):
        write(tmp_path, probe.clean())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
