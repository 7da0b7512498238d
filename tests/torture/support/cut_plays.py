# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Whole plays whose connections to the regions and the appliances go through proxies, of which one loses the network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.support.lab import Lab
from tests.torture.support.cut_proxy import CutProxy
from tests.torture.support.loop_thread import LoopThread

TIMES = {"ansible_connect_timeout": 6.0, "ansible_command_timeout": 3.0}
API_TIMEOUT = 2.0
SECONDS = 400.0
"""A commit or a registration without an answer ends after two minutes, by the keepalives of SSH."""


@dataclass(frozen=True)
class Cut:
    """Where and how the network is lost: at piece ``at`` of the traffic of this region or appliance."""

    who: str
    at: int
    way: str
    delivers: bool
    """Whether the piece still arrives."""


class Proxies:
    """A proxy for each region and appliance, by name, and the variables that lead a run through them."""

    def __init__(self, lab: Lab, folder: Path, cut: Cut | None, retry_budget: float) -> None:
        accounts = lab.variables_of_all()["esa_ctr_regions"]
        ports = {region: int(account["api_url"].rpartition(":")[2]) for region, account in accounts.items()}
        ports |= {name: box["port"] for name, box in lab.state()["appliances"].items()}
        self._loop = LoopThread()
        self._stack = contextlib.AsyncExitStack()
        self.proxies = {
            name: CutProxy(port, cut.at, cut.way, cut.delivers)
            if cut and name == cut.who
            else CutProxy(port, 0, "", True)
            for name, port in ports.items()
        }
        near = {
            name: self._loop.do(self._stack.enter_async_context(one.listening())) for name, one in self.proxies.items()
        }
        known = (lab.folder / "known_hosts").read_text(encoding="utf-8")
        for name, port in ports.items():
            known = known.replace(f"[127.0.0.1]:{port} ", f"[127.0.0.1]:{near[name]} ")
        path = folder / "known_hosts"
        path.write_text(known, encoding="utf-8")
        self.regions = {
            region: {
                **account,
                "api_url": f"https://127.0.0.1:{near[region]}",
                "timeout": API_TIMEOUT,
                "retry_budget": retry_budget,
            }
            for region, account in accounts.items()
        }
        self.hosts: Mapping[str, Mapping[str, Any]] = {
            name: {"ansible_port": port, "ansible_asyncos_known_hosts": str(path), **TIMES}
            for name, port in near.items()
            if name not in accounts
        }

    def pieces(self) -> dict[str, int]:
        """Return the number of pieces of the traffic so far, by name; what had none is left out."""
        return {name: proxy.pieces for name, proxy in self.proxies.items() if proxy.pieces}

    def stop(self) -> None:
        self._loop.do(self._stack.aclose())
        self._loop.stop()


@contextlib.contextmanager
def proxies(lab: Lab, folder: Path, cut: Cut | None = None, retry_budget: float = 0.0) -> Iterator[Proxies]:
    """Yield proxies, which keep their connections until the end."""
    running = Proxies(lab, folder, cut, retry_budget)
    try:
        yield running
    finally:
        running.stop()
