# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure output that is hard to parse: CPU seconds, and the longest block of the event loop (targets: 1 s, 50 ms).

Each shape floods each place of a session with 10 MB, and with the most that is still read to its end. The table shows the
slowest place.
"""

from __future__ import annotations

from typing import Any

from tests.bench.hostile import MEGABYTE, MENU_END, PACKET, PLACES, PROMPT, SHAPES, cost_of

KINDS = {"10 MB": (10 * MEGABYTE, PROMPT), "0.99 MB, prompt": (990_000, PROMPT), "0.99 MB, menu": (990_000, MENU_END)}


def figures() -> list[dict[str, Any]]:
    """Print and return the figures of each shape."""
    print("\noutput that is hard to parse; the slowest place of a session")
    print(f"{'shape':<32}" + "".join(f"{size + ': CPU':>24}{'block':>10}  {'at':<18}" for size in KINDS))
    found = []
    for name, shape in SHAPES.items():
        cells = ""
        for size, end in KINDS.values():
            costs = {place: cost_of(shape, size, place, PACKET, timeout=2.0, end=end) for place in PLACES}
            cpu = max(cost.cpu for cost in costs.values())
            block, place = max((cost.block, place) for place, cost in costs.items())
            cells += f"{cpu:>22.2f} s{block * 1000:>7.0f} ms  {place:<18}"
            found.append(
                {"shape": name, "characters": size, "cpu": round(cpu, 3), "block": round(block, 3), "at": place}
            )
        print(f"{name:<32}{cells}", flush=True)
    return found
