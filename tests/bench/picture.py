# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the reading times as SVG: one bar per method and number of appliances, on a logarithmic scale of seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from tests.bench.rows import Row

LEFT, WIDTH, BAR, GAP, TOP = 230, 860, 20, 6, 64
SHOWN = ("asyncssh alone", "drift report", "netmiko in threads", "one task per appliance", "network_cli")
OURS = "drift report"
HEADER = """<!--
Copyright (c) 2026, the emailsec.ctr contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
"""
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 } .note, .axis { fill: #57606a; font-size: 12px }
  .grid { stroke: #d0d7de } .bar { fill: #8c959f } .ours { fill: #0969da } .limit { fill: #d0d7de }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note, .axis { fill: #9198a1 } .grid { stroke: #3d444d }
    .bar { fill: #656c76 } .ours { fill: #4493f8 } .limit { fill: #3d444d }
  }
"""


def picture(rows: Sequence[Row]) -> str:
    reading = [row for row in rows if row.group == "reading" and row.name in SHOWN]
    sizes = sorted({row.appliances for row in reading})
    low = math.floor(math.log10(min(row.seconds for row in reading)))
    high = math.ceil(math.log10(max(row.seconds for row in reading)))

    def x(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - 90) * (math.log10(seconds) - low) / (high - low)

    parts: list[str] = []
    y = TOP
    for size in sizes:
        parts.append(f'<text x="12" y="{y + 15}" class="title">{size:,} appliances</text>')
        y += BAR + GAP
        for name in SHOWN:
            for row in reading:
                if (row.appliances, row.name) == (size, name):
                    kind = "ours" if name == OURS else "limit" if name == SHOWN[0] else "bar"
                    end = x(row.seconds)
                    parts.append(f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
                    parts.append(
                        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" rx="2"/>'
                    )
                    parts.append(f'<text x="{end + 6:.1f}" y="{y + 15}">{row.seconds:.1f} s</text>')
                    y += BAR + GAP
        y += 10
    grid = []
    for power in range(low, high + 1):
        at = x(10**power)
        grid.append(f'<line class="grid" x1="{at:.1f}" y1="{TOP - 6}" x2="{at:.1f}" y2="{y}"/>')
        grid.append(f'<text class="axis" x="{at:.1f}" y="{TOP - 12}" text-anchor="middle">{10**power:g} s</text>')
    head = '<text x="12" y="22" class="title">Read the state of a fleet</text>'
    note = '<text x="12" y="40" class="note">Whole commands; logarithmic scale; the simulated fleet shares the machine.</text>'
    return (
        f'{HEADER}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10}" role="img" '
        f'aria-label="Seconds to read a fleet, by method">\n<style>{STYLE}</style>\n'
        + "\n".join([head, note, *grid, *parts])
        + "\n</svg>\n"
    )
