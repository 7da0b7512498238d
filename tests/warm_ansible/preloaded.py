# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process whose forks are runs: importing this module imports Ansible and the plugins of this collection."""

from __future__ import annotations

import atexit
import importlib
import os
import pkgutil
import sys
from pathlib import Path

from tests.warm_ansible import CALLBACKS

# Ansible reads the folders of plugins when it is imported.
os.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(CALLBACKS)

import ansible.cli.adhoc
import ansible.cli.playbook
import ansible.executor.playbook_executor
import ansible.plugins.action.normal
import ansible.plugins.connection.local
import ansible.plugins.strategy.linear
from ansible import constants
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

PLUGINS = "ansible_collections.emailsec.ctr.plugins"
MAIN = {"ansible": ansible.cli.adhoc.main, "ansible-playbook": ansible.cli.playbook.main}


def run(command: list[str], folder: str, environment: dict[str, str], output: str, archives: str) -> None:
    """Become the run, in a fork: take its folder, output, environment and settings, and forget those of the process."""
    os.setsid()
    atexit._clear()
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    importlib.reload(constants)
    # Building the archive of a module reads all its imports; each run of this worker needs the same archives.
    Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache").symlink_to(archives)
    # The run searches for collections as if none had been imported.
    _AnsibleCollectionFinder._remove()
    try:
        MAIN[Path(command[0]).name]()
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out
        sys.stdout.flush()
        sys.stderr.flush()


def _import_plugins() -> None:
    init_plugin_loader()
    for kind in ("module_utils", "plugin_utils", "action"):
        package = importlib.import_module(f"{PLUGINS}.{kind}")
        for module in pkgutil.walk_packages(package.__path__, f"{PLUGINS}.{kind}."):
            importlib.import_module(module.name)


_import_plugins()
