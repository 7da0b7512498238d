# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process of each host inherits what it needs, and does not load it again."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
from ansible import constants
from ansible.plugins.loader import action_loader, init_plugin_loader

init_plugin_loader()
action_loader.get("emailsec.ctr.esa_cloud_service", class_only=True)
names = {"connection": "ansible_collections.emailsec.ctr.plugins.connection.asyncos", "shell": "sh"}
print([kind for kind, name in names.items() if constants.config.has_configuration_definition(kind, name)])
"""


def test_the_class_of_the_action_brings_the_connection_and_its_options() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "['connection', 'shell']\n"
