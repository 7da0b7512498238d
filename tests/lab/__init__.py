# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab: email appliances (SSH CLI) and the clouds of three regions (HTTPS), in one process on loopback.

It is an independent reading of the published facts about the real systems. Each docstring grades what it imitates:
A the vendor's own text, B strings that real automation waits for, C tools used on real boxes, I inference,
R recollection without a source.
"""
