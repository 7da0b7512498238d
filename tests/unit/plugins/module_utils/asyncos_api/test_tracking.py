# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A profile gives another port and another path of a search."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import default_port, path
from tests.samples.profiles import applied


def test_the_port_and_the_path_of_a_profile() -> None:
    assert (default_port(), path()) == (6443, "message-tracking/messages")
    with applied(Profile(ports={"api": 443}, paths={"tracking": "tracking/v3"})):
        assert (default_port(), path()) == (443, "tracking/v3")
