# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of ansible and ansible-playbook as forks of a process that has imported Ansible."""

from pathlib import Path

CALLBACKS = Path(__file__).with_name("callback_plugins")
"""The folder of the callback plugins of the tests."""
