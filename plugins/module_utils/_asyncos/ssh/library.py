# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Whether asyncssh is there, without which nothing here works but importing it."""

from __future__ import annotations

KEY_ERRORS: tuple[type[Exception], ...] = ()
try:
    import asyncssh
except ImportError:
    HAS_ASYNCSSH = False
else:
    HAS_ASYNCSSH = True
    KEY_ERRORS = (asyncssh.KeyImportError, asyncssh.KeyEncryptionError)

ASYNCSSH_MISSING = (
    "The Python library asyncssh is missing on the controller. Fix: install it into the Python that runs Ansible: "
    "python -m pip install -r requirements.txt of this collection."
)
