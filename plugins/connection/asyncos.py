# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connect Ansible to an appliance: SSH options, log-in, one CLI session."""

from __future__ import annotations

DOCUMENTATION = r"""
name: asyncos
short_description: The command line of a Cisco email appliance (AsyncOS) over SSH
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Opens one SSH session to the command line of an ESA or SMA, learns its prompt, then types commands and reads their output.
  - Runs in the Ansible process on the controller with the Python library asyncssh. It starts no process per host.
  - Supports the action plugins of this collection and M(ansible.builtin.raw). AsyncOS has no shell, no Python and no file
    transfer, so other modules do not work.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
options:
  inventory_name:
    description: Name of the host in messages.
    type: str
    vars:
      - name: inventory_hostname
  host:
    description: Address or name of the appliance.
    type: str
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      - name: ansible_host
      - name: ansible_ssh_host
      - name: ansible_asyncos_host
  port:
    description: TCP port of the SSH service.
    type: int
    default: 22
    ini:
      - {section: defaults, key: remote_port}
    env:
      - name: ANSIBLE_REMOTE_PORT
    vars:
      - name: ansible_port
      - name: ansible_ssh_port
      - name: ansible_asyncos_port
    keyword:
      - name: port
  remote_user:
    description: User to log in as. The user's role must permit the command line.
    type: str
    ini:
      - {section: defaults, key: remote_user}
    env:
      - name: ANSIBLE_REMOTE_USER
    cli:
      - name: user
        option: --user
    vars:
      - name: ansible_user
      - name: ansible_ssh_user
      - name: ansible_asyncos_user
    keyword:
      - name: remote_user
  password:
    description:
      - Password of that user, for the SSH methods C(password) and C(keyboard-interactive).
      - With a password and without O(private_key_file), default keys and the agent are not used.
      - The password is sent once. If the appliance refuses it, this run does not send it to that appliance again, because
        accounts lock after a few failed log-ins.
    type: str
    vars:
      - name: ansible_password
      - name: ansible_ssh_pass
      - name: ansible_ssh_password
      - name: ansible_asyncos_password
  private_key_file:
    description: Private key to log in with. Without a key and a password, the agent and the default keys are used.
    type: path
    ini:
      - {section: defaults, key: private_key_file}
    env:
      - name: ANSIBLE_PRIVATE_KEY_FILE
    cli:
      - name: private_key_file
        option: --private-key
    vars:
      - name: ansible_private_key_file
      - name: ansible_ssh_private_key_file
      - name: ansible_asyncos_private_key_file
  private_key_passphrase:
    description: Passphrase of an encrypted private key.
    type: str
    vars:
      - name: ansible_private_key_passphrase
      - name: ansible_ssh_private_key_passphrase
      - name: ansible_asyncos_private_key_passphrase
  host_key_checking:
    description: Whether the appliance's SSH host key must be known.
    type: boolean
    default: true
    ini:
      - {section: defaults, key: host_key_checking}
    env:
      - name: ANSIBLE_HOST_KEY_CHECKING
      - name: ANSIBLE_SSH_HOST_KEY_CHECKING
    vars:
      - name: ansible_host_key_checking
      - name: ansible_ssh_host_key_checking
      - name: ansible_asyncos_host_key_checking
  known_hosts:
    description:
      - Files with the host keys of the appliances, in OpenSSH format. Missing files are skipped.
      - An unreadable line is skipped with a warning. An unreadable file makes the host unreachable.
    type: list
    elements: path
    default: [~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts]
    ini:
      - {section: asyncos_connection, key: known_hosts}
    env:
      - name: ANSIBLE_ASYNCOS_KNOWN_HOSTS
    vars:
      - name: ansible_asyncos_known_hosts
  legacy_algorithms:
    description:
      - Whether to allow unsafe SSH algorithms, such as SHA-1 in key exchange, MAC or signature, CBC ciphers and DSA keys.
        Old releases of AsyncOS have no others.
    type: boolean
    default: false
    ini:
      - {section: asyncos_connection, key: legacy_algorithms}
    env:
      - name: ANSIBLE_ASYNCOS_LEGACY_ALGORITHMS
    vars:
      - name: ansible_asyncos_legacy_algorithms
  connect_timeout:
    description: Seconds to wait for the connection and the SSH log-in.
    type: float
    default: 10
    ini:
      - {section: defaults, key: timeout}
      - {section: asyncos_connection, key: connect_timeout}
    env:
      - name: ANSIBLE_TIMEOUT
      - name: ANSIBLE_ASYNCOS_CONNECT_TIMEOUT
    cli:
      - name: timeout
    vars:
      - name: ansible_connect_timeout
      - name: ansible_asyncos_connect_timeout
  command_timeout:
    description:
      - Seconds to wait for the complete output of one line, including pauses. Commits and registrations have longer limits.
      - A question of unknown form, which does not end in C(> ), fails the task only after this time.
    type: float
    default: 60
    ini:
      - {section: asyncos_connection, key: command_timeout}
    env:
      - name: ANSIBLE_ASYNCOS_COMMAND_TIMEOUT
    vars:
      - name: ansible_command_timeout
      - name: ansible_asyncos_command_timeout
  login_timeout:
    description:
      - Seconds to wait for the first prompt after the SSH log-in, including pauses in the log-in text.
      - A question or a refusal in the log-in text is reported after this time, or when the appliance ends the session.
    type: float
    default: 90
    ini:
      - {section: asyncos_connection, key: login_timeout}
    env:
      - name: ANSIBLE_ASYNCOS_LOGIN_TIMEOUT
    vars:
      - name: ansible_asyncos_login_timeout
  cluster_machine:
    description:
      - Name of this machine in its cluster, by default its name in the inventory. It is used to enter machine mode if the
        log-in starts at cluster or group level.
    type: str
    vars:
      - name: ansible_asyncos_cluster_machine
  transcript:
    description:
      - Folder on the controller for transcripts, one file per session, with secrets masked and readable only by the user.
        Use it to report the output of a real appliance.
    type: path
    ini:
      - {section: asyncos_connection, key: transcript}
    env:
      - name: ANSIBLE_ASYNCOS_TRANSCRIPT
    vars:
      - name: ansible_asyncos_transcript
  record:
    description:
      - Folder on the controller for a recording to share. Each session is kept in its subfolder C(dialogue), with secrets masked and
        data replaced by stand-ins, in files that only the user can read.
    # The check of the role's variables reports a value that is no path.
    type: raw
    vars:
      - name: esa_ctr_record
  jump_host:
    description: Address or name of the SSH server to connect through. Its host key is checked like that of the appliance.
    type: str
    ini:
      - {section: asyncos_connection, key: jump_host}
    env:
      - name: ANSIBLE_ASYNCOS_JUMP_HOST
    vars:
      - name: ansible_asyncos_jump_host
  jump_port:
    description: TCP port of the jump host.
    type: int
    default: 22
    vars:
      - name: ansible_asyncos_jump_port
  jump_user:
    description: User to log in to the jump host as, by default the appliance's user.
    type: str
    vars:
      - name: ansible_asyncos_jump_user
  jump_password:
    description: Password of that user.
    type: str
    vars:
      - name: ansible_asyncos_jump_password
  jump_private_key_file:
    description: Private key to log in to the jump host with.
    type: path
    vars:
      - name: ansible_asyncos_jump_private_key_file
  jump_private_key_passphrase:
    description: Passphrase of that key, if it is encrypted.
    type: str
    vars:
      - name: ansible_asyncos_jump_private_key_passphrase
notes:
  - The connection uses only these options. It does not read the user's OpenSSH configuration.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.connection import ConnectionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import raw_command
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError, Unreachable
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import files as ssh_files
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.connect import open_session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.library import (
    ASYNCSSH_MISSING,
    HAS_ASYNCSSH,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import (
    SshOptions,
    ssh_options_of,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._records import warn_of_records
from ansible_collections.emailsec.ctr.plugins.plugin_utils._login_records import folder_of_this_run

T = TypeVar("T")

NOT_HERE = (
    "{host}: AsyncOS has no shell, no Python and no file transfer, so this task cannot run on the appliance. Fix: use the "
    "modules of emailsec.ctr or ansible.builtin.raw, set gather_facts: false, or delegate the task to localhost."
)


class Connection(ConnectionBase):
    """One SSH session per task; the event loop lives as long as the session."""

    transport = "emailsec.ctr.asyncos"
    has_pipelining = False
    allow_executable = False

    def _connect(self) -> Connection:
        if self._connected:
            return self
        if not HAS_ASYNCSSH:
            raise AnsibleError(ASYNCSSH_MISSING)
        options = self.ssh_options()
        self._display.vvv(f"ESTABLISH ASYNCOS CONNECTION FOR USER: {options.user} ON PORT {options.port}", options.host)
        for text in ssh_files.warnings_of(options):
            self._display.warning(text)
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        try:
            self._session = self._loop.run_until_complete(self._stack.enter_async_context(open_session(options)))
        except AsyncOSError as error:
            self._loop.close()
            raise AnsibleConnectionFailure(str(error)) from None
        self._connected = True
        return self

    def ssh_options(self) -> SshOptions:
        return ssh_options_of(self.get_option, folder_of_this_run())

    def converse(self, conversation: Callable[[Session], Awaitable[T]]) -> T:
        """Run a conversation over the session of this task. Raise AnsibleConnectionFailure if the session is lost."""
        self._connect()
        try:
            return self._loop.run_until_complete(conversation(self._session))
        except Unreachable as error:
            raise AnsibleConnectionFailure(str(error)) from None

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run one CLI command of ansible.builtin.raw."""
        if not sudoable or in_data:
            raise AnsibleError(NOT_HERE.format(host=self.ssh_options().label))
        answer = self.converse(lambda session: raw_command.run(session, str(cmd)))
        return answer.rc, answer.stdout.encode(), answer.stderr.encode()

    def put_file(self, in_path: str, out_path: str) -> None:
        raise AnsibleError(NOT_HERE.format(host=self.ssh_options().label))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        raise AnsibleError(NOT_HERE.format(host=self.ssh_options().label))

    def reset(self) -> None:
        self.close()

    def close(self) -> None:
        if not self._connected:
            return
        self._connected = False
        try:
            self._loop.run_until_complete(self._stack.aclose())
        finally:
            self._loop.close()
            warn_of_records(self._display.warning)
