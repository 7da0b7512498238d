/*
Copyright (c) 2026, the emailsec.ctr contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/

// Draw the page from its data. Text from devices is only set as text. The policy of the page (trusted types) makes the
// browser reject text as markup.

(() => {
  const WORST_FIRST = ["unknown", "refused", "drift", "ok"];
  const MEANING = {
    unknown: "could not be read",
    refused: "not changed, for the reason given",
    drift: "differ from the inventory",
    ok: "match the inventory",
  };
  const ROWS_PER_CHUNK = 200;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Helpers

  function badge(verdict) {
    return make("span", { class: "badge", "data-verdict": verdict }, icon(verdict), make("span", {}, verdict));
  }

  function shownValue(value) {
    if (value === null || value === "") return "-";
    if (typeof value === "boolean") return value ? "yes" : "no";
    return String(value);
  }

  const notOk = (counts) => counts.unknown + counts.refused + counts.drift;
  const total = (counts) => notOk(counts) + counts.ok;

  function countsText(counts) {
    return WORST_FIRST.filter((verdict) => counts[verdict]).map((verdict) => `${number(counts[verdict])} ${verdict}`).join(", ");
  }

  // Times

  const FORMAT = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const utc = new Intl.DateTimeFormat("en-GB", { ...FORMAT, timeZone: "UTC" });
  const local = new Intl.DateTimeFormat("en-GB", { ...FORMAT, timeZoneName: "short" });

  const utcText = (created) => `${utc.format(new Date(created))} UTC`;
  const localText = (created) => local.format(new Date(created));

  function moment(created) {
    return make("time", { datetime: created, title: `${localText(created)}, local time` }, utcText(created));
  }

  function age(created) {
    const minutes = Math.round((Date.now() - new Date(created)) / 60000);
    if (minutes < 0) return "";
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${plural(minutes, "minute")} ago`;
    if (minutes < 48 * 60) return `${plural(Math.round(minutes / 60), "hour")} ago`;
    return `${plural(Math.round(minutes / 1440), "day")} ago`;
  }

  // The first screen

  function drawAnswer() {
    document.title = `${visible(data.title)}: ${data.headline}`;
    byId("title").textContent = visible(data.title);
    byId("headline").textContent = visible(data.headline);
    byId("diagnosis").textContent = visible(data.diagnosis);
    byId("answer").dataset.verdict = data.mark;
    byId("mark").append(icon(data.mark));
    byId("when").append(
      make("span", {}, "Read ", make("time", { datetime: data.created }, utcText(data.created))),
      localText(data.created) === utcText(data.created) ? "" : make("span", {}, `${localText(data.created)}, local time`),
      make("span", { class: "age" }, age(data.created)),
      data.profile ? make("span", {}, `Profile: ${visible(data.profile.join(", "))}`) : "",
    );
    byId("collection").textContent = data.collection;
  }

  function drawTiles() {
    for (const verdict of WORST_FIRST) {
      const count = data.counts[verdict];
      const button = make(
        "button",
        { type: "button", class: count ? null : "none" },
        make("span", { class: "number" }, number(count)),
        make("span", { class: "word" }, icon(verdict), verdict),
        make("span", { class: "meaning" }, MEANING[verdict]),
      );
      button.addEventListener("click", () => {
        Object.assign(state, { query: "", region: "", verdicts: new Set([verdict]) });
        apply();
        byId("appliances").focus();
      });
      byId("tiles").append(make("li", { "data-verdict": verdict }, button));
    }
  }

  /** Return the bar of one region, with a part for each verdict, worst first. */
  function bar(region) {
    const all = total(region.counts);
    const chart = draw("svg", { class: "bar", viewBox: "0 0 1000 14", preserveAspectRatio: "none", role: "img" });
    chart.setAttribute("aria-label", visible(`${region.label}: ${countsText(region.counts) || "no appliances"}`));
    if (!all) chart.append(draw("rect", { class: "nothing", x: 0, y: 0, width: 1000, height: 14 }));
    let left = 0;
    const parts = WORST_FIRST.filter((verdict) => region.counts[verdict]);
    for (const verdict of parts) {
      const width = (region.counts[verdict] / all) * (1000 - 5 * (parts.length - 1));
      const part = draw("rect", { x: left, y: 0, width: Math.max(width, 2), height: 14, "data-verdict": verdict });
      part.append(draw("title", {}, `${number(region.counts[verdict])} ${verdict}`));
      chart.append(part);
      left += width + 5;
    }
    return chart;
  }

  function legend(counts) {
    const entries = WORST_FIRST.filter((verdict) => counts[verdict]).map((verdict) =>
      make("li", { "data-verdict": verdict }, icon(verdict), `${number(counts[verdict])} ${verdict}`));
    return make("ul", { class: "legend" }, ...entries);
  }

  function drawRegions() {
    for (const region of data.regions) {
      const checks = region.checks.map((place) => data.checks[place]);
      const failed = checks.filter((check) => check.verdict !== "ok");
      const quota = region.quota && `${number(region.quota.remaining)} of ${number(region.quota.limit)} API calls left`;
      const card = make(
        "li",
        { class: "card region", "data-region": region.region },
        make(
          "header",
          {},
          make("h3", {}, foreign(region.label), " ", badge(region.verdict)),
          make("p", {}, [plural(total(region.counts), "appliance"), quota].filter(Boolean).join(", ")),
        ),
        bar(region),
        legend(region.counts),
      );
      if (failed.length) card.append(make("ul", { class: "troubles" }, ...failed.map(failedCheck)));
      if (checks.length) {
        card.append(make(
          "details",
          {},
          make("summary", {}, `${plural(checks.length, "check")} of the region`),
          portal(region),
          checksTable(checks, `Checks of ${region.label}`),
        ));
      }
      byId("regions").append(card);
      const label = `${visible(region.label)} (${number(total(region.counts))})`;
      byId("region").append(make("option", { value: region.region }, label));
    }
  }

  function portal(region) {
    if (!region.portal_url.startsWith("https://")) return null;
    const link = make("a", { href: region.portal_url, target: "_blank", rel: "noopener noreferrer" }, foreign(region.portal_url));
    return make("p", {}, "SSE portal: ", link);
  }

  function failedCheck(check) {
    const wanted = check.wanted === null ? "" : `, wanted ${shownValue(check.wanted)}`;
    const said = check.found === null && check.verdict === "unknown" ? "could not be read" : `found ${check.found === null ? "nothing" : shownValue(check.found)}${wanted}`;
    const item = make("li", {}, badge(check.verdict), " ", make("strong", {}, foreign(check.title)), ": ", foreign(said));
    if (check.reason) item.append(make("p", { class: "muted", dir: "auto" }, visible(check.reason)));
    if (check.step) item.append(make("p", { class: "next" }, "Next: ", foreign(check.step)));
    return item;
  }

  function drawChanges() {
    const card = byId("changes");
    const previous = data.previous;
    if (!previous) {
      card.append(make("p", {}, "This is the first report in this folder."));
      return;
    }
    const worse = ({ from, to }) => WORST_FIRST.indexOf(to) < WORST_FIRST.indexOf(from);
    const groups = [
      ["worse", previous.changed.filter(worse)],
      ["better", previous.changed.filter((entry) => !worse(entry))],
      ["new in the report", previous.added],
      ["no longer in the report", previous.gone],
    ].filter(([, entries]) => entries.length);
    const said = groups.map(([name, entries]) => `${number(entries.length)} ${name}`).join(", ") || "no verdict changed";
    card.append(make("p", {}, "Since ", moment(previous.created), `: ${said}.`));
    for (const [name, entries] of groups) card.append(...changeGroup(name, entries));
  }

  /** Return the changes of one kind: the first ones, and a button that shows the others. */
  function changeGroup(name, entries) {
    const limit = 6;
    const heading = make("h3", {}, name[0].toUpperCase() + name.slice(1));
    const list = make("ul", {}, ...entries.slice(0, limit).map(change));
    if (entries.length <= limit) return [heading, list];
    const more = make("button", { type: "button", class: "plain" }, `Show ${number(entries.length - limit)} more`);
    more.addEventListener("click", () => {
      list.append(...entries.slice(limit).map(change));
      list.children[limit].querySelector("a, bdi").focus();
      more.remove();
    });
    return [heading, list, more];
  }

  function change(entry) {
    const item = make("li", { class: "change" });
    const name = foreign(entry.host);
    item.append(places.has(entry.host) ? make("a", { href: `#${fragmentOf({ host: entry.host })}` }, name) : name);
    if (entry.from) item.append(badge(entry.from), "to", badge(entry.to));
    else item.append(badge(entry.verdict));
    return item;
  }

  function drawTrend() {
    const figure = byId("trend");
    const reports = data.history;
    if (reports.length < 2) {
      figure.append(make("figcaption", {}, "The trend starts with the second report."));
      return;
    }
    const bad = reports.map((report) => notOk(report.counts));
    const most = Math.max(1, ...bad);
    const caption = `Appliances not ok in the last ${reports.length} reports: maximum ${number(Math.max(...bad))}, `
      + `previous ${number(bad.at(-2))}, now ${number(bad.at(-1))}.`;
    const step = 1000 / reports.length;
    const chart = draw("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", role: "img", "aria-label": caption });
    reports.forEach((report, place) => {
      const column = draw("g", {}, draw("title", {}, `${utcText(report.created)}: ${countsText(report.counts) || "no appliances"}`));
      let bottom = 100;
      for (const verdict of ["unknown", "refused", "drift"]) {
        const height = (report.counts[verdict] / most) * 98;
        if (!height) continue;
        bottom -= height;
        column.append(draw("rect", {
          x: place * step + step * 0.12, y: bottom, width: step * 0.76, height, "data-verdict": verdict,
        }));
      }
      if (bottom === 100) column.append(draw("rect", { x: place * step + step * 0.12, y: 97, width: step * 0.76, height: 3, "data-verdict": "ok" }));
      chart.append(column);
    });
    figure.append(
      make("figcaption", {}, caption),
      chart,
      make("div", { class: "ends" }, moment(reports[0].created), moment(reports.at(-1).created)),
    );
  }

  // The list

  const findingTexts = ({ finding }) => (finding && finding.code !== "nothing_wrong" ? [`Finding: ${finding.code}`] : []);
  const labels = new Map(data.regions.map((region) => [region.region, region.label]));
  const rows = data.appliances.map((appliance, place) => ({
    appliance,
    place,
    element: null,
    detail: null,
    searchText: [
      ...["host", "hostname", "region", "verdict", "reason", "product", "model", "version", "serial"].map((key) => appliance[key]),
      labels.get(appliance.region), ...appliance.differences, ...appliance.next,
      ...(appliance.finding ? ["code", "sentence", "evidence", "fix"].map((key) => appliance.finding[key]) : []),
    ].filter(Boolean).join("\n").toLowerCase(),
    product: [appliance.product, appliance.model, appliance.version].filter(Boolean).join(" "),
    differences: [...findingTexts(appliance), ...appliance.differences].join("; "),
  }));
  const places = new Map(rows.map((row) => [row.appliance.host, row]));
  const state = { query: "", region: "", verdicts: new Set(), sort: "verdict", direction: "descending", host: "" };
  const template = byId("row").content.firstElementChild;
  let order = rows.slice();
  let built = 0;
  let current = null;

  function build(row) {
    const { appliance } = row;
    const element = template.cloneNode(true);
    const [name, place, verdict, differs, what] = element.children;
    element.dataset.place = row.place;
    verdict.dataset.verdict = appliance.verdict;
    name.querySelector("bdi").append(...breakable(visible(appliance.host)));
    place.firstChild.textContent = visible(labels.get(appliance.region));
    verdict.querySelector("use").setAttribute("href", `#icon-${appliance.verdict}`);
    verdict.querySelector("span span").textContent = appliance.verdict;
    const [differences, next] = differs.children;
    if (row.differences) differences.textContent = visible(row.differences);
    else differences.remove();
    if (appliance.next.length) next.textContent = `Next: ${visible(appliance.next.join(", then "))}`;
    else next.remove();
    what.firstChild.textContent = visible([appliance.product, appliance.model].filter(Boolean).join(" "));
    what.lastChild.textContent = visible(appliance.version || "");
    row.element = element;
    element.hidden = !matches(row);
    return element;
  }

  /** Build rows in order until `count` rows exist. */
  function buildUntil(count) {
    const end = Math.min(count, order.length);
    const fragment = document.createDocumentFragment();
    for (; built < end; built += 1) fragment.append(build(order[built]));
    byId("rows").append(fragment);
  }

  const buildAll = () => buildUntil(order.length);

  function buildInBackground() {
    if (built >= order.length) return;
    buildUntil(built + ROWS_PER_CHUNK);
    setTimeout(buildInBackground);
  }

  function matches(row) {
    const { appliance, searchText } = row;
    return (!state.region || appliance.region === state.region)
      && (!state.verdicts.size || state.verdicts.has(appliance.verdict))
      && state.terms.every((term) => searchText.includes(term));
  }

  const KEYS = {
    host: (row) => row.appliance.host,
    region: (row) => row.appliance.region,
    differences: (row) => row.differences,
    product: (row) => row.product,
  };

  function compare(one, other) {
    const turn = state.direction === "ascending" ? 1 : -1;
    if (state.sort === "verdict") {
      const severity = (row) => -WORST_FIRST.indexOf(row.appliance.verdict);
      return turn * (severity(one) - severity(other)) || one.place - other.place;
    }
    const key = KEYS[state.sort];
    return turn * collator.compare(key(one), key(other)) || one.place - other.place;
  }

  let sorted = "verdict descending";

  function sort() {
    if (sorted === `${state.sort} ${state.direction}`) return;
    sorted = `${state.sort} ${state.direction}`;
    buildAll();
    order.sort(compare);
    const fragment = document.createDocumentFragment();
    for (const row of order) {
      fragment.append(row.element);
      if (row.detail) fragment.append(row.detail);
    }
    byId("rows").append(fragment);
  }

  /** Update the controls, the rows, the counts and the address from the state. */
  function apply() {
    state.terms = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    if (byId("query").value !== state.query) byId("query").value = state.query;
    byId("region").value = state.region;
    for (const chip of byId("chips").children) {
      chip.setAttribute("aria-pressed", String(state.verdicts.has(chip.dataset.verdict)));
    }
    for (const button of document.querySelectorAll("[data-sort]")) {
      button.parentElement.setAttribute("aria-sort", button.dataset.sort === state.sort ? state.direction : "none");
    }
    sort();
    let shown = 0;
    for (const row of order) {
      const hidden = !matches(row);
      if (!hidden) shown += 1;
      if (!row.element) continue;
      if (row.element.hidden !== hidden) row.element.hidden = hidden;
      if (row.detail && row.detail.hidden !== (hidden || !isOpen(row))) row.detail.hidden = hidden || !isOpen(row);
    }
    byId("shown").textContent = shown === rows.length
      ? plural(shown, "appliance")
      : `${number(shown)} of ${plural(rows.length, "appliance")} shown`;
    byId("empty").hidden = shown > 0;
    byId("empty").textContent = rows.length ? "No appliance matches these filters." : "No appliance was compared.";
    byId("clear").hidden = !filtered();
    keepOneTabStop();
    writeFragment();
  }

  const filtered = () => Boolean(state.query || state.region || state.verdicts.size);

  // Opened rows

  const isOpen = (row) => Boolean(row.element) && opener(row).getAttribute("aria-expanded") === "true";
  const opener = (row) => row.element.querySelector(".open");

  function open(row) {
    if (!row.detail) {
      row.detail = detail(row);
      row.element.after(row.detail);
    }
    row.detail.hidden = false;
    opener(row).setAttribute("aria-expanded", "true");
    opener(row).setAttribute("aria-controls", row.detail.id);
    state.host = row.appliance.host;
  }

  function close(row) {
    if (row.detail) row.detail.hidden = true;
    opener(row).setAttribute("aria-expanded", "false");
    if (state.host === row.appliance.host) state.host = "";
  }

  function toggle(row) {
    (isOpen(row) ? close : open)(row);
    writeFragment();
  }

  function detail(row) {
    const { appliance } = row;
    const copy = make("button", { type: "button", class: "plain" }, "Copy link");
    copy.addEventListener("click", () => copyLink(copy, appliance.host));
    const facts = [
      ["Host name", appliance.hostname], ["Product", appliance.product], ["Model", appliance.model],
      ["Version", appliance.version], ["Serial number", appliance.serial],
    ].filter(([, value]) => value);
    const checks = appliance.checks.map((place) => data.checks[place]);
    checks.sort((one, other) => WORST_FIRST.indexOf(one.verdict) - WORST_FIRST.indexOf(other.verdict));
    const steps = appliance.next.length
      ? make("ol", {}, ...appliance.next.map((step) => make("li", { dir: "auto" }, visible(step))))
      : make("p", { class: "muted" }, appliance.verdict === "ok" ? "No steps: the appliance matches the inventory." : "No steps.");
    const cell = make(
      "td",
      { role: "cell", "data-verdict": appliance.verdict },
      make("div", { class: "name" }, make("h3", {}, foreign(appliance.host)), copy),
      appliance.reason ? make("p", { dir: "auto" }, visible(appliance.reason)) : null,
      facts.length ? make("dl", { class: "facts" }, ...facts.map(([name, value]) =>
        make("div", {}, make("dt", {}, name), make("dd", {}, foreign(value))))) : null,
      appliance.finding ? findingBlock(appliance.finding) : null,
      make("div", { class: appliance.next.length ? "steps" : "steps none" }, make("h3", {}, "What a run would do"), steps),
      checks.length ? checksTable(checks, "Checks", appliance.reason) : null,
    );
    return make("tr", { role: "row", class: "detail", id: `detail-${row.place}` }, cell);
  }

  /** Return the finding of a diagnosis, with evidence and fix. */
  function findingBlock(finding) {
    const entry = (name, text) => make("div", {}, make("dt", {}, name), make("dd", { dir: "auto" }, visible(text)));
    return make(
      "section",
      { class: finding.code === "nothing_wrong" ? "finding none" : "finding" },
      make("h3", {}, "Finding: ", make("code", {}, foreign(finding.code))),
      make("p", { dir: "auto" }, visible(finding.sentence)),
      make("dl", {}, entry("Evidence", finding.evidence), entry("Fix", finding.fix), entry("Documentation", finding.page)),
      portal(finding),
    );
  }

  /** Return a table of checks. The reason that is already shown above the table is not repeated. */
  function checksTable(checks, caption, shownReason = "") {
    const reasonOf = ({ reason }) => (reason && reason !== shownReason ? make("span", { class: "reason", dir: "auto" }, visible(reason)) : null);
    const heads = ["Check", "Wanted", "Found", "Verdict", "Next step"].map((name) => make("th", { scope: "col" }, name));
    const lines = checks.map((check) => make(
      "tr",
      {
        "data-check": check.check,
        "data-verdict": check.verdict,
        class: check.explained ? "explained" : null,
      },
      make("th", { scope: "row" }, foreign(check.title)),
      make("td", { "data-label": "Wanted" }, foreign(shownValue(check.wanted))),
      make("td", { "data-label": "Found" }, foreign(shownValue(check.found)), reasonOf(check)),
      make("td", {}, badge(check.verdict)),
      make("td", { "data-label": "Next step", class: check.step ? null : "blank" }, foreign(check.step || "")),
    ));
    return make("table", { class: "checks" }, make("caption", {}, foreign(caption)), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...lines));
  }

  async function copyLink(button, host) {
    const address = `${location.href.split("#")[0]}#${fragmentOf({ host })}`;
    const done = await copied(address, button);
    button.textContent = done ? "Link copied" : "Copy it from the address bar";
    notify(done ? `Link to ${host} copied.` : "The browser blocked the copy. Copy the link from the address bar.", done);
    setTimeout(() => { button.textContent = "Copy link"; }, 3000);
  }

  /** Show a notice, or only announce it to screen readers (quietly). */
  function notify(text, quietly = false) {
    const notice = byId("notice");
    notice.textContent = visible(text);
    notice.classList.toggle("quiet", quietly);
    notice.hidden = !text;
  }

  // Keyboard: Tab stops once in the list, arrow keys move between its rows.

  function keepOneTabStop() {
    if (current && !current.element.hidden) return;
    const first = order.find((row) => row.element && !row.element.hidden);
    makeCurrent(first || null);
  }

  function makeCurrent(row) {
    if (current) opener(current).tabIndex = -1;
    current = row;
    if (current) opener(current).tabIndex = 0;
  }

  function move(row, way) {
    let place = order.indexOf(row) + way;
    while (place >= 0 && place < order.length && order[place].element.hidden) place += way;
    if (place >= 0 && place < order.length) focus(order[place]);
  }

  function focus(row) {
    makeCurrent(row);
    opener(row).focus();
    row.element.scrollIntoView({ block: "nearest" });
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const element = event.target.closest(".row");
    if (!element || !event.target.matches(".open")) {
      leaveDetail(event);
      return;
    }
    const row = rows[element.dataset.place];
    buildAll();
    const visibleRows = () => order.filter((each) => !each.element.hidden);
    const keys = {
      ArrowDown: () => move(row, 1),
      ArrowUp: () => move(row, -1),
      Home: () => focus(visibleRows()[0]),
      End: () => focus(visibleRows().at(-1)),
      ArrowRight: () => { open(row); writeFragment(); },
      ArrowLeft: () => { close(row); writeFragment(); },
      Escape: () => { close(row); writeFragment(); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  /** Escape in the details of a row closes them and returns to the row. */
  function leaveDetail(event) {
    const element = event.target.closest(".detail");
    if (!element || event.key !== "Escape") return;
    const row = rows[element.previousElementSibling.dataset.place];
    close(row);
    writeFragment();
    focus(row);
  }

  function onClick(event) {
    const element = event.target.closest(".row");
    if (!element || String(getSelection())) return;
    const row = rows[element.dataset.place];
    makeCurrent(row);
    toggle(row);
  }

  // Address: the fragment contains filters, order and the open appliance, so that a link shows the same view.

  function fragmentOf({ query = "", region = "", verdicts = new Set(), sort: by = "verdict", direction = "descending", host = "" }) {
    const fragment = new URLSearchParams();
    if (host) fragment.set("host", host);
    if (query) fragment.set("q", query);
    if (region) fragment.set("region", region);
    if (verdicts.size) fragment.set("verdict", WORST_FIRST.filter((verdict) => verdicts.has(verdict)).join(","));
    if (by !== "verdict" || direction !== "descending") {
      fragment.set("sort", by);
      fragment.set("direction", direction);
    }
    return fragment.toString();
  }

  function writeFragment() {
    const fragment = fragmentOf(state);
    const address = location.href.split("#")[0] + (fragment ? `#${fragment}` : "");
    if (address === location.href) return;
    try {
      history.replaceState(null, "", address);
    } catch {
      // Browsers limit the rate of address changes; the next change updates it.
    }
  }

  function readFragment() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const known = (value, values, otherwise) => (values.includes(value) ? value : otherwise);
    state.query = fragment.get("q") || "";
    state.region = known(fragment.get("region"), data.regions.map((region) => region.region), "");
    state.verdicts = new Set((fragment.get("verdict") || "").split(",").filter((verdict) => WORST_FIRST.includes(verdict)));
    state.sort = known(fragment.get("sort"), ["verdict", ...Object.keys(KEYS)], "verdict");
    state.direction = known(fragment.get("direction"), ["ascending", "descending"], state.sort === "verdict" ? "descending" : "ascending");
    return fragment.get("host") || "";
  }

  function follow() {
    const host = readFragment();
    const row = places.get(host);
    notify(host && !row ? `There is no appliance ${host} in this report.` : "");
    if (!row) {
      apply();
      if (filtered()) byId("appliances").scrollIntoView({ block: "start" });
      return;
    }
    buildAll();
    state.terms = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!matches(row)) Object.assign(state, { query: "", region: "", verdicts: new Set() });
    open(row);
    apply();
    makeCurrent(row);
    opener(row).focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "start" });
  }

  // Print

  let openedForPrint = [];

  function startPrint() {
    buildAll();
    openedForPrint = rows.filter((row) => !row.element.hidden && row.appliance.verdict !== "ok" && !isOpen(row));
    const host = state.host;
    for (const row of openedForPrint) {
      open(row);
      row.detail.classList.add("paper");
    }
    state.host = host;
  }

  function endPrint() {
    const host = state.host;
    for (const row of openedForPrint) {
      close(row);
      row.detail.classList.remove("paper");
    }
    state.host = host;
    openedForPrint = [];
  }

  // Start

  function drawControls() {
    for (const verdict of WORST_FIRST) {
      const chip = make("button", { type: "button", "data-verdict": verdict, "aria-pressed": "false" }, icon(verdict), verdict);
      chip.addEventListener("click", () => {
        if (!state.verdicts.delete(verdict)) state.verdicts.add(verdict);
        apply();
      });
      byId("chips").append(chip);
    }
    byId("tools").addEventListener("submit", (event) => event.preventDefault());
    byId("query").addEventListener("input", (event) => { state.query = event.target.value; apply(); });
    byId("region").addEventListener("change", (event) => { state.region = event.target.value; apply(); });
    byId("clear").addEventListener("click", () => {
      Object.assign(state, { query: "", region: "", verdicts: new Set() });
      apply();
      byId("query").focus();
    });
    byId("skip").addEventListener("click", (event) => {
      event.preventDefault();
      byId("appliances").focus();
    });
    for (const button of document.querySelectorAll("[data-sort]")) {
      button.addEventListener("click", () => {
        const again = state.sort === button.dataset.sort;
        const first = button.dataset.sort === "verdict" ? "descending" : "ascending";
        const turned = state.direction === "ascending" ? "descending" : "ascending";
        Object.assign(state, { sort: button.dataset.sort, direction: again ? turned : first });
        apply();
      });
    }
    byId("rows").addEventListener("click", onClick);
    byId("rows").addEventListener("keydown", onKey);
    addEventListener("hashchange", follow);
    addEventListener("beforeprint", startPrint);
    addEventListener("afterprint", endPrint);
  }

  drawAnswer();
  drawTiles();
  drawRegions();
  drawChanges();
  drawTrend();
  drawControls();
  readFragment();
  state.terms = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  buildUntil(ROWS_PER_CHUNK);
  follow();
  performance.mark("first-content");
  setTimeout(buildInBackground);
})();
