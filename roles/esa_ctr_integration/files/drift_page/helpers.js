/*
Copyright (c) 2026, the emailsec.ctr contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/

// Helpers of the pages of the drift report and of a probe. They come before the script of the page. Text from devices is
// only set as text. The policy of the page (trusted types) makes the browser reject text as markup.

"use strict";

const SVG = "http://www.w3.org/2000/svg";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en");
const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

/** Return an element with attributes and children; strings become text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function icon(name) {
  return draw("svg", { class: "icon", "aria-hidden": "true", focusable: "false" }, draw("use", { href: `#icon-${name}` }));
}

/** Return text from outside, isolated so that it cannot change the direction of the text around it. */
function foreign(text) {
  return make("bdi", {}, visible(text));
}

function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** Return a name that can break after each dot. */
function breakable(text) {
  return text.split(/(?<=\.)/).flatMap((part, place) => (place ? [document.createElement("wbr"), part] : [part]));
}

/** Copy text, and return whether it was copied. The button keeps the focus. */
async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyWithoutClipboard(text, button);
  }
}

/** Copy text without the clipboard API, which is missing on a page opened over HTTP. */
function copyWithoutClipboard(text, button) {
  const box = make("textarea", { readonly: "", "aria-hidden": "true", class: "skip" });
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  button.focus();
  return done;
}
