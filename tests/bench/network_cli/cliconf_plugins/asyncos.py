# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that ansible.netcommon.cli_command needs: send a line, and return what was shown."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.ansible.netcommon.plugins.plugin_utils.cliconf_base import CliconfBase

DOCUMENTATION = """
name: asyncos
author: the emailsec.ctr contributors (@emailsec)
short_description: Type lines on AsyncOS
description:
  - For the comparison in the benchmarks.
version_added: 1.0.0
"""


class Cliconf(CliconfBase):
    def get_config(self, source: str = "running", flags: Any = None, format: Any = None) -> str:
        raise NotImplementedError

    def edit_config(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        raise NotImplementedError

    def get(
        self,
        command: str,
        prompt: list[str] | None = None,
        answer: list[str] | None = None,
        sendonly: bool = False,
        newline: bool = True,
        output: str | None = None,
        check_all: bool = False,
    ) -> Any:
        return self.send_command(
            command=command, prompt=prompt, answer=answer, sendonly=sendonly, newline=newline, check_all=check_all
        )

    def get_device_info(self) -> dict[str, str]:
        return {"network_os": "asyncos"}

    def get_capabilities(self) -> str:
        return json.dumps({"rpc": ["get"], "network_api": "cliconf", "device_info": self.get_device_info()})
