# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Without asyncssh, everything can be imported, and the error says what to install."""

from __future__ import annotations

import runpy
import sys

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import library
from ansible_collections.emailsec.ctr.plugins.plugin_utils import _fleet_reading


def test_a_missing_library_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library.HAS_ASYNCSSH is True
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    found = runpy.run_path(str(library.__file__))
    assert (found["HAS_ASYNCSSH"], found["KEY_ERRORS"]) == (False, ())


def test_a_run_without_the_library_stops_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    _fleet_reading.require_libraries()
    monkeypatch.setattr(_fleet_reading, "HAS_ASYNCSSH", False)
    with pytest.raises(AnsibleActionFail, match="asyncssh.*pip install"):
        _fleet_reading.require_libraries()
