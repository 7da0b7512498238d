# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import what runs of Ansible need, for the process whose forks are runs. Importing this module does it."""

from __future__ import annotations

import importlib
import os
import pkgutil

from tests.warm_ansible.callbacks import CALLBACKS

# Ansible reads the folders of plugins when it is imported.
os.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(CALLBACKS)

from ansible.plugins.loader import init_plugin_loader
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

PLUGINS = "ansible_collections.emailsec.ctr.plugins"


def forget_collections() -> None:
    """Let a run configure the search for collections as if none had been imported."""
    _AnsibleCollectionFinder._remove()


def _import_plugins() -> None:
    init_plugin_loader()
    for kind in ("module_utils", "plugin_utils", "action"):
        package = importlib.import_module(f"{PLUGINS}.{kind}")
        for module in pkgutil.walk_packages(package.__path__, f"{PLUGINS}.{kind}."):
            importlib.import_module(module.name)


_import_plugins()
