(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const rows = all(".e");
  const chains = all(".chain").map((section) => ({ section, rows: all(".e", section) }));
  const groups = all(".more"), runs = all(".run");
  const search = byId("q"), shown = byId("shown"), help = byId("help"), nothing = byId("nothing");
  const buttons = all("[data-verdict],[data-changed],[data-alone]");
  const filter = { verdicts: new Set(), changed: false, alone: false, words: [] };
  let texts = null, current = -1;

  const told = (row) => row.closest(".run")?.firstElementChild;
  const index = () => (texts ??= chains.flatMap(({ section, rows: own }) => {
    const shared = section.querySelector(".shared")?.textContent ?? ""; // the controls of each of them
    return own.map((row) => {
      const text = `${row.id} ${row.textContent} ${told(row)?.textContent ?? ""} ${shared}`;
      const named = text.matchAll(/supports evidence for ([^\s,]+(?:, [^\s,]+)*)/g);
      const controls = [...named].flatMap((found) => found[1].split(", ")).map((id) => `control=${id.replace(/\.$/, "")};`);
      return `${text} ${controls.join(" ")}`.toLowerCase();
    });
  }));
  const verdictOf = (row) => row.classList[1];
  const filtering = () => filter.verdicts.size > 0 || filter.changed || filter.alone || filter.words.length > 0;

  function apply() {
    const needs = filter.words.length ? index() : null;
    let count = 0;
    rows.forEach((row, i) => {
      const fits = (!filter.verdicts.size || filter.verdicts.has(verdictOf(row)))
        && (!filter.changed || "c" in row.dataset)
        && (!filter.alone || "a" in row.dataset)
        && (!needs || filter.words.every((word) => needs[i].includes(word)));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) count += 1;
    });
    const any = filtering();
    for (const run of runs) run.firstElementChild.hidden = any && all(".e", run).every((row) => row.hidden);
    for (const group of groups) {
      const left = all(".e", group).some((row) => !row.hidden);
      group.hidden = any && !left;
      if (any && left) group.open = true;
    }
    for (const { section, rows: own } of chains) {
      const empty = any && own.every((row) => row.hidden);
      if (section.hidden !== empty) section.hidden = empty;
    }
    shown.textContent = any ? `${count} of ${rows.length} shown` : "";
    nothing.hidden = !any || count > 0;
    for (const button of buttons) {
      const on = "changed" in button.dataset ? filter.changed : "alone" in button.dataset ? filter.alone : filter.verdicts.has(button.dataset.verdict);
      button.setAttribute("aria-pressed", String(on));
    }
  }

  function remember(step) {
    const query = new URLSearchParams();
    if (filter.verdicts.size) query.set("verdict", [...filter.verdicts].join(","));
    if (filter.changed) query.set("changed", "1");
    if (filter.alone) query.set("by", "engine");
    if (search.value.trim()) query.set("q", search.value.trim());
    const text = query.toString();
    const address = (text ? "?" + text : location.pathname) + location.hash;
    try { history[step ? "pushState" : "replaceState"](null, "", address); } catch { /* some viewers forbid it */ }
  }

  function recall() {
    const query = new URLSearchParams(location.search);
    const known = new Set(["passed", "failed", "inconclusive", "waived"]);
    filter.verdicts = new Set((query.get("verdict") ?? "").split(",").filter((word) => known.has(word)));
    filter.changed = query.has("changed") && buttons.some((button) => "changed" in button.dataset);
    filter.alone = query.get("by") === "engine" && buttons.some((button) => "alone" in button.dataset);
    search.value = query.get("q") ?? "";
    readWords();
    apply();
  }

  const readWords = () => { filter.words = search.value.toLowerCase().split(/\s+/).filter(Boolean); };
  const update = (step = true) => { apply(); remember(step); };

  function showAll() {
    filter.verdicts.clear();
    filter.changed = filter.alone = false;
    filter.words = [];
    search.value = "";
    update();
  }

  /* An expectation's id without its chain will do where it is the only one. */
  function named(id) {
    const found = rows.filter((row) => row.id.endsWith("/" + id));
    if (found.length === 1) location.replace("#" + encodeURIComponent(found[0].id).replaceAll("%2F", "/"));
    return null;
  }

  function reveal() {
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && (byId(id) ?? named(id));
    if (!target) return;
    const row = target.closest(".e");
    if (row?.hidden) showAll();
    for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
    if (row) current = rows.indexOf(row);
    const short = (row ?? target).offsetHeight < innerHeight / 2;
    requestAnimationFrame(() => target.scrollIntoView({ block: short && (row || target.classList.contains("s")) ? "center" : "start" }));
  }

  function move(step, wanted, from = current) {
    for (let i = from + step; i >= 0 && i < rows.length; i += step) {
      if (rows[i].hidden || (wanted && !wanted(rows[i]))) continue;
      current = i;
      const group = rows[i].closest(".more");
      if (group) group.open = true;
      rows[i].firstElementChild.focus({ preventScroll: true });
      rows[i].scrollIntoView({ block: "center" });
      return;
    }
  }

  function theme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("rolecall-theme", root.dataset.theme); } catch { /* no storage for this file */ }
  }

  async function copyLink(row) {
    if (!row) return;
    const link = location.href.replace(/[?#].*$/, "") + "#" + row.id.split("/").map(encodeURIComponent).join("/");
    let done = false;
    try { await navigator.clipboard.writeText(link); done = true; } catch { /* no permission, or an old viewer */ }
    if (!done) {
      const field = Object.assign(document.createElement("textarea"), { value: link });
      row.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
    }
    row.open = true;
    const button = row.querySelector(".copy");
    if (button) button.textContent = done ? "link copied" : "could not copy";
  }

  /* The drawing as a file of its own: what the page's style says is written into every element. */
  const LOOKS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "font-style", "text-anchor"];
  function saveDrawing(button) {
    const drawn = button.previousElementSibling;
    const copy = drawn.cloneNode(true);
    const from = [drawn, ...all("*", drawn)];
    [copy, ...all("*", copy)].forEach((node, i) => {
      const style = getComputedStyle(from[i]);
      for (const name of LOOKS) node.setAttribute(name, style.getPropertyValue(name));
      node.removeAttribute("class");
      node.removeAttribute("href");
    });
    const back = document.createElementNS(drawn.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor })) back.setAttribute(name, value);
    copy.prepend(back);
    const text = new XMLSerializer().serializeToString(copy);
    const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: button.dataset.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
  for (const drawn of all(".picture svg")) {
    const number = drawn.parentNode.querySelectorAll(".save").length;
    const name = drawn.closest(".chain").id.replace(/[^\w.-]+/g, "-").replace(/-$/, "") + (number ? `-${number + 1}` : "") + ".svg";
    const button = Object.assign(document.createElement("button"), { type: "button", className: "save", textContent: "Save this drawing" });
    button.dataset.name = name;
    drawn.after(button);
  }

  /* What a row shares with its neighbours is told above them; an open row shows it as its own as well. */
  function complete(row) {
    const body = row.lastElementChild;
    const shared = told(row);
    if (shared && !body.querySelector("dl")) {
      const own = [...shared.childNodes].slice(1).map((node) => node.cloneNode(true));
      body.prepend(...own);
    }
    if (!body.querySelector(".copy")) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: "copy link" });
      button.setAttribute("aria-live", "polite");
      const tail = Object.assign(document.createElement("span"), { className: "np" });
      tail.append(" · ", button);
      body.lastElementChild.append(tail);
    }
  }

  /* What a control rests on: the expectations that name it, in the list and in the address. */
  for (const count of all("[data-q]")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "them", textContent: "show them" });
    button.setAttribute("aria-label", `Show what passed for ${count.dataset.q}`);
    count.append(" ", button);
  }
  function showControl(id) {
    filter.verdicts = new Set(["passed"]);
    filter.changed = filter.alone = false;
    search.value = `control=${id};`; // not AC-6(10) as well, where AC-6 is meant
    readWords();
    update();
    const first = rows.find((row) => !row.hidden);
    if (first) { move(1, (row) => row === first, -1); }
  }

  const notPassed = (row) => verdictOf(row) !== "passed";
  const openAll = (open) => { for (const row of rows) if (!row.hidden) row.open = open; for (const group of groups) group.open = open; };
  const only = (verdict) => { filter.verdicts = new Set([verdict]); update(); };
  const actions = {
    "/": () => { search.focus(); search.select(); },
    j: () => move(1), k: () => move(-1), n: () => move(1, notPassed), p: () => move(-1, notPassed),
    o: () => { if (rows[current]) rows[current].open = !rows[current].open; },
    e: () => openAll(true), c: () => openAll(false), f: () => only("failed"), a: showAll,
    d: () => byId("documents")?.scrollIntoView(), h: () => byId("history")?.scrollIntoView(),
    l: () => copyLink(rows[current]), t: theme, "?": () => help.showModal(),
  };
  const commands = { theme, help: () => help.showModal(), all: showAll };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.className === "copy") copyLink(button.closest(".e"));
    else if (button?.dataset.do) commands[button.dataset.do]();
    else if (button && "changed" in button.dataset) { filter.changed = !filter.changed; update(); }
    else if (button && "alone" in button.dataset) { filter.alone = !filter.alone; update(); }
    else if (button?.className === "save") saveDrawing(button);
    else if (button?.className === "them") showControl(button.parentNode.dataset.q);
    else if (button?.dataset.verdict) {
      const verdict = button.dataset.verdict;
      if (!filter.verdicts.delete(verdict)) filter.verdicts.add(verdict);
      update();
    }
    const link = event.target.closest("a[href]");
    if (link && link.getAttribute("href") === location.hash) { event.preventDefault(); reveal(); }
  });
  search.addEventListener("input", () => { readWords(); update(false); });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".e");
    if (row) current = rows.indexOf(row);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target === search) {
      if (event.key === "Escape") { if (search.value) showAll(); search.blur(); }
      return;
    }
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.classList.contains("e")) complete(event.target);
  }, true);
  addEventListener("hashchange", reveal);
  addEventListener("popstate", recall);

  try { const kept = localStorage.getItem("rolecall-theme"); if (kept) root.dataset.theme = kept; } catch { /* no storage for this file */ }
  byId("tools").hidden = false;
  /* What is jumped to stands below the bar, however many lines the bar takes. */
  const bar = document.querySelector(".top");
  const measure = () => root.style.setProperty("--bar", `${bar.offsetHeight}px`);
  measure();
  new ResizeObserver(measure).observe(bar);
  for (const row of rows) if (row.open) complete(row);
  recall();
  reveal();
  (window.requestIdleCallback ?? setTimeout)(index);
})();
