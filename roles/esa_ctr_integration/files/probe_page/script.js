/*
Copyright (c) 2026, the emailsec.ctr contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/

// Draw the page from its data. Text from devices is only set as text. The policy of the page (trusted types) makes the
// browser reject text as markup.

(() => {
  const VERDICTS = ["differs", "confirmed", "not_seen"];
  const WORDS = { differs: "differs", confirmed: "confirmed", not_seen: "not seen" };
  const MEANING = {
    differs: "something else came",
    confirmed: "as expected",
    not_seen: "nothing in this reading shows it",
  };

  // Helpers

  function badge(verdict) {
    return make("span", { class: "badge", "data-verdict": verdict }, icon(verdict), make("span", {}, WORDS[verdict]));
  }

  const code = (text) => make("code", {}, foreign(text));
  const dotted = (text) => make("code", {}, make("bdi", {}, ...breakable(visible(text))));
  const seconds = (value) => `${value.toLocaleString("en", { maximumFractionDigits: 3 })} s`;
  const item = (text) => make("li", { dir: "auto" }, visible(text));

  /** Return a table that becomes a list of cards on a small screen. The first cell of a row is its heading. */
  function table(name, heads, rows) {
    const line = ([first, ...cells]) => make(
      "tr",
      {},
      make("th", { scope: "row" }, ...[first].flat()),
      ...cells.map((content, place) => {
        const parts = [content].flat().filter(Boolean);
        return make("td", { "data-label": heads[place + 1], class: parts.length ? null : "blank" }, ...parts);
      }),
    );
    return make(
      "table",
      { class: "checks", "aria-label": name },
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...rows.map(line)),
    );
  }

  const card = (...children) => make("div", { class: "card" }, ...children);

  /** Return a block that fills itself when it is opened, because there can be thousands. */
  function folded(title, about, fill) {
    const block = make("details", { class: "card" }, make("summary", {}, make("h3", {}, foreign(title)), make("span", { class: "muted" }, foreign(about))));
    block.addEventListener("toggle", () => {
      if (block.children.length === 1) block.append(...fill());
    });
    return block;
  }

  // The answer

  function drawAnswer() {
    document.title = `Probe: ${data.headline}`;
    byId("headline").textContent = visible(`${data.headline}.`);
    const mark = data.counts.differs ? "differs" : data.counts.confirmed ? "confirmed" : "not_seen";
    byId("answer").dataset.verdict = mark;
    byId("mark").append(icon(mark));
    const profile = data.profile.length ? ["With the profile ", foreign(data.profile.join(", "))] : [];
    byId("when").append(
      make("span", {}, "Read ", moment(data.created), ` in ${seconds(data.seconds)}`),
      make("span", {}, ...profile),
    );
    byId("collection").textContent = visible(data.collection);
  }

  function moment(created) {
    const at = new Date(created);
    if (Number.isNaN(at.getTime())) return foreign(created);
    const form = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" };
    return make("time", { datetime: created }, `${new Intl.DateTimeFormat("en-GB", form).format(at)} UTC`);
  }

  function drawCounts() {
    for (const verdict of VERDICTS) {
      const count = data.counts[verdict];
      const button = make(
        "button",
        { type: "button", class: count ? null : "none" },
        make("span", { class: "number" }, number(count)),
        make("span", { class: "word" }, icon(verdict), WORDS[verdict]),
        make("span", { class: "meaning" }, MEANING[verdict]),
      );
      button.addEventListener("click", () => {
        Object.assign(state, { query: "", kind: "", verdicts: new Set([verdict]) });
        apply();
        byId("assumptions").focus();
      });
      byId("tiles").append(make("li", { "data-verdict": verdict }, button));
    }
    byId("bar").append(bar());
    byId("not-seen").append(...data.not_seen.map(item));
  }

  function bar() {
    const chart = draw("svg", { class: "bar", viewBox: "0 0 1000 14", preserveAspectRatio: "none", role: "img" });
    const parts = VERDICTS.filter((verdict) => data.counts[verdict]);
    chart.setAttribute("aria-label", parts.map((verdict) => `${number(data.counts[verdict])} ${WORDS[verdict]}`).join(", ") || "no assumptions");
    if (!parts.length) chart.append(draw("rect", { class: "nothing", x: 0, y: 0, width: 1000, height: 14 }));
    let left = 0;
    for (const verdict of parts) {
      const width = (data.counts[verdict] / data.assumptions.length) * (1000 - 5 * (parts.length - 1));
      chart.append(draw("rect", { x: left, y: 0, width: Math.max(width, 2), height: 14, "data-verdict": verdict }));
      left += width + 5;
    }
    return chart;
  }

  // What needs attention

  function drawDifferences() {
    const rows = data.assumptions.filter((one) => one.verdict === "differs");
    const lines = rows.map((one) => [
      name(one), code(one.expected), came(one), places(one), [make("p", { dir: "auto" }, visible(one.purpose)), otherwise(one)],
    ]);
    byId("differences").append(rows.length
      ? card(table("Differences", ["Assumption", "Expected", "Came", "Where", "Purpose"], lines))
      : card(make("p", {}, "Nothing that was seen differs from what the collection expects.")));
  }

  const name = (one) => [dotted(one.id), make("span", { class: "reason" }, foreign(`${one.kind}, grade ${one.grade}`))];
  const otherwise = (one) => make("p", { class: "muted", dir: "auto" }, visible(`If it differs: ${one.otherwise}`));
  const came = (one) => (one.came.length ? listed(one.came, code) : "not there");
  const places = (one) => listed(one.where, foreign);

  /** Return the first texts, and the others folded. */
  function listed(texts, show) {
    const MOST = 3;
    const list = (some) => make("ul", {}, ...some.map((text) => make("li", {}, show(text))));
    if (!texts.length) return null;
    if (texts.length <= MOST + 1) return list(texts);
    return [list(texts.slice(0, MOST)), make("details", {}, make("summary", {}, `${number(texts.length - MOST)} more`), list(texts.slice(MOST)))];
  }

  function show(id) {
    byId(id).closest("section").hidden = false;
  }

  function drawProposals() {
    if (!data.profile_text) return;
    show("proposals");
    const rows = data.proposals.map((one) => [dotted(one.place), code(one.value), foreign(one.evidence)]);
    const copy = make("button", { type: "button", class: "plain" }, "Copy");
    copy.addEventListener("click", () => copyText(copy, data.profile_text));
    byId("proposals").append(card(
      rows.length ? table("Proposed entries", ["Place", "Value", "Evidence"], rows) : make("p", {}, "No entry has enough evidence."),
      make("details", { class: "file" },
        make("summary", {}, "The profile as a file"),
        make("p", {}, "This text has stand-ins. profile.yml in the same folder has the values as they came. ", copy),
        make("pre", {}, visible(data.profile_text))),
    ));
  }

  async function copyText(button, text) {
    const done = await copied(text, button);
    button.textContent = done ? "Copied" : "Select the text to copy it";
    setTimeout(() => { button.textContent = "Copy"; }, 3000);
  }

  function drawLists() {
    for (const id of ["remaining", "failures"]) {
      if (data[id].length) show(id);
      byId(id).append(...data[id].map(item));
    }
  }

  // What was read

  function drawAppliances() {
    if (data.appliances.length) show("appliances");
    byId("appliances").append(...data.appliances.map((one) => {
      const what = [one.product, one.model, one.version, one.registration].filter(Boolean).join(" ") || "not read";
      const about = [one.region, what, plural(one.screens.length, "screen"), seconds(one.seconds)].join(", ");
      return folded(one.host, about, () => [...failure(one.failure), ...one.screens.flatMap(screen)]);
    }));
  }

  const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
  const failure = (one) => (one ? [make("p", { dir: "auto" }, visible(`${sentence(one.problem)} Fix: ${sentence(one.fix)}`))] : []);

  function screen(one) {
    const about = `${plural(one.characters, "character")}, ${seconds(one.seconds)}`;
    const title = one.typed ? ["Typed: ", code(one.typed)] : ["Screen: ", code(one.id)];
    return [
      make("h4", {}, ...title, make("span", { class: "muted" }, about)),
      make("pre", { dir: "auto" }, visible(one.text)),
    ];
  }

  function drawCalls() {
    const regions = [...data.regions.map((one) => [one, ""]), ...data.apis.map((one) => [one, "AsyncOS API, "])];
    if (regions.length) show("calls");
    byId("calls").append(...regions.map(([one, kind]) => {
      const about = `${kind}${plural(one.sent || one.calls.length, "call")}, ${seconds(one.seconds)}`;
      return folded(one.region, about, () => [...failure(one.failure), ...one.calls.flatMap((each) => call(each, one))]);
    }));
  }

  function call(one, region) {
    const records = one.records === null ? [] : [plural(one.records, "record")];
    const about = [one.status ? `status ${one.status}` : "no answer", ...records, `${number(one.size)} bytes`, seconds(one.seconds)].join(", ");
    const forms = Object.entries(one.shape).map(([field, form]) => [code(field), foreign(form), wordsOf(one, field)]);
    const others = Object.keys(one.words).filter((field) => !(field in one.shape)).map((field) => [code(field), null, wordsOf(one, field)]);
    const fields = [...forms, ...others];
    const repeated = one.failure && region.failure && one.failure.problem === region.failure.problem;
    return [
      make("h4", {}, code(one.request), make("span", { class: "muted" }, about)),
      ...(repeated ? [] : failure(one.failure)),
      fields.length ? table(`Fields of ${visible(one.request)}`, ["Field", "Form", "Words"], fields) : null,
      one.headers.length ? make("p", { class: "headers muted" }, "Headers: ", foreign(one.headers.join(", "))) : null,
    ].filter(Boolean);
  }

  const wordsOf = (one, field) => (one.words[field] ? foreign(one.words[field].join(", ")) : null);

  // All assumptions

  const state = { query: "", kind: "", verdicts: new Set() };
  const order = [...data.assumptions].sort((one, other) => VERDICTS.indexOf(one.verdict) - VERDICTS.indexOf(other.verdict));
  const searched = order.map((one) => [one.id, one.kind, one.grade, one.expected, one.purpose, one.when, ...one.came, ...one.where].join("\n").toLowerCase());
  let lines = [];

  function drawAssumptions() {
    const rows = order.map((one) => [
      name(one),
      badge(one.verdict),
      code(one.expected),
      one.verdict === "not_seen" ? make("span", { class: "muted" }, foreign(one.when)) : places(one),
      [make("p", { dir: "auto" }, visible(one.purpose)), otherwise(one)],
    ]);
    const all = table("All assumptions", ["Assumption", "Verdict", "Expected", "Where", "Purpose"], rows);
    byId("rows").append(card(all));
    lines = [...all.tBodies[0].rows];
    const kinds = [...new Set(data.assumptions.map((one) => one.kind))];
    byId("kind").append(...kinds.map((kind) => {
      const option = make("option", {}, visible(kind));
      option.value = kind;
      return option;
    }));
    for (const verdict of VERDICTS) {
      const chip = make("button", { type: "button", "data-verdict": verdict, "aria-pressed": "false" }, icon(verdict), WORDS[verdict]);
      chip.addEventListener("click", () => {
        if (!state.verdicts.delete(verdict)) state.verdicts.add(verdict);
        apply();
      });
      byId("chips").append(chip);
    }
  }

  /** Update the controls, the rows and the count from the state. */
  function apply() {
    const terms = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    if (byId("query").value !== state.query) byId("query").value = state.query;
    byId("kind").value = state.kind;
    for (const chip of byId("chips").children) chip.setAttribute("aria-pressed", String(state.verdicts.has(chip.dataset.verdict)));
    let shown = 0;
    order.forEach((one, place) => {
      const matches = (!state.kind || one.kind === state.kind)
        && (!state.verdicts.size || state.verdicts.has(one.verdict))
        && terms.every((term) => searched[place].includes(term));
      lines[place].hidden = !matches;
      shown += matches;
    });
    byId("shown").textContent = shown === order.length
      ? plural(shown, "assumption")
      : `${number(shown)} of ${plural(order.length, "assumption")} shown`;
    byId("empty").hidden = shown > 0;
    byId("rows").hidden = !shown;
    byId("clear").hidden = !(state.query || state.kind || state.verdicts.size);
  }

  function listen() {
    byId("tools").addEventListener("submit", (event) => event.preventDefault());
    byId("query").addEventListener("input", (event) => { state.query = event.target.value; apply(); });
    byId("kind").addEventListener("change", (event) => { state.kind = event.target.value; apply(); });
    byId("clear").addEventListener("click", () => {
      Object.assign(state, { query: "", kind: "", verdicts: new Set() });
      apply();
      byId("query").focus();
    });
  }

  drawAnswer();
  drawCounts();
  drawDifferences();
  drawProposals();
  drawLists();
  drawAppliances();
  drawCalls();
  drawAssumptions();
  listen();
  apply();
})();
