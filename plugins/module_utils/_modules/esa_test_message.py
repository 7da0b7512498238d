# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The module esa_test_message."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._mail.options import (
    REQUIRED_TOGETHER,
    message_argument_spec,
    send_message,
)

from .module import Module

MODULE = Module(
    message_argument_spec(),
    lambda task: send_message(task.params, task.check_mode),
    {"required_together": REQUIRED_TOGETHER},
)
