// rule_editor.js: the rules of a draft as they are typed, until they are saved. The server alone says what is right.
(() => {
  "use strict";
  const ed = window.ruleEditor;
  const { say, part, clone, words } = ed;
  const root = document.getElementById("red");
  const by = (id) => document.getElementById(id);
  const blankCondition = () => ({ fact: "", op: "", value: "" });
  const weight = (rule) => (Number.isFinite(Number(rule.priority)) && String(rule.priority).trim() ? Number(rule.priority) : 100);
  const state = { rules: [], at: 0, tongue: ed.given.pickers.language, revision: Number(root.dataset.revision), dirty: false };
  const past = [];
  let isTyping = false, asked = 0, timer = 0, faults = new WeakMap(), told = {}, spoken = null;

  ed.rule = () => state.rules[state.at];

  function whole(rule) {
    const isGroup = rule.when && ed.kindOf(rule.when);
    return { ...rule, when: isGroup ? rule.when : { all: rule.when ? [rule.when] : [] } };
  }

  // ── changes ──
  function keep() {
    past.push(JSON.stringify([state.rules, state.at]));
    while (past.length > 100 || (past.length > 1 && past.length * past.at(-1).length > 2e7)) past.shift();
  }

  // A change of the shape: drawn anew, with the focus on a part of an item.
  ed.change = (change, focus) => {
    keep();
    change();
    isTyping = false;
    draw();
    if (focus) part(ed.elementOf(focus[0]) ?? root, focus[1])?.focus();
    touch();
  };

  // A change of a value, drawn already by the field it was typed into.
  ed.type = (change) => {
    if (!isTyping) keep();
    isTyping = true;
    change();
    drawItem();
    touch();
  };

  function undo() {
    const was = past.pop();
    if (!was) return;
    [state.rules, state.at] = JSON.parse(was);
    draw();
    touch();
  }

  function touch() {
    state.dirty = true;
    showState();
    if (by("red-note").classList.contains("is-ok")) by("red-note").hidden = true;
    clearTimeout(timer);
    timer = setTimeout(check, 200);
  }

  function showState() {
    by("red-state").textContent = state.dirty ? words.unsaved : words.saved;
    by("red-undo").setAttribute("aria-disabled", String(!past.length));
  }

  // ── the list of rules ──
  function drawList() {
    const list = by("red-rules");
    const hadFocus = list.contains(document.activeElement);
    list.replaceChildren(...state.rules.map((rule, at) => item(rule, at)));
    by("red-count").textContent = say("count", state.rules.length);
    by("red-none").hidden = state.rules.length > 0;
    if (hadFocus) list.querySelector("[aria-current]")?.focus();
  }

  // The open rule alone, as people type: a long list is not drawn for every letter.
  function drawItem() {
    const node = by("red-rules").children[state.at];
    if (node) tell(node, ed.rule());
  }

  function tell(node, rule) {
    const wrong = faults.get(rule)?.length;
    part(node, "priority").textContent = rule.priority;
    part(node, "name").textContent = rule.name || words.unnamed;
    part(node, "name").title = rule.name;
    part(node, "off").hidden = rule.enabled;
    part(node, "off").textContent = words.off;
    part(node, "faults").hidden = !wrong;
    part(node, "faults").textContent = say("faults", wrong);
  }

  function item(rule, at) {
    const node = clone("t-item"), button = part(node, "open");
    tell(node, rule);
    if (at === state.at) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => open(at));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step || !state.rules[at + step]) return;
      event.preventDefault();
      if (event.altKey) place(at, at + step);
      else open(at + step);
      by("red-rules").querySelector("[aria-current]").focus();
    });
    node.addEventListener("dragstart", (event) => { state.from = at; event.dataTransfer.setData("text/plain", ""); });
    node.addEventListener("dragover", (event) => { if (state.from != null) { event.preventDefault(); node.classList.add("is-over"); } });
    node.addEventListener("dragleave", () => node.classList.remove("is-over"));
    node.addEventListener("dragend", () => { state.from = null; });
    node.addEventListener("drop", (event) => {
      event.preventDefault();
      const from = state.from;
      state.from = null;
      if (from != null && from !== at) place(from, at);
      else drawList();
    });
    return node;
  }

  function open(at) {
    state.at = at;
    draw();
    clearTimeout(timer);
    check();
  }

  // Rules are kept in the order in which they are looked at; a rule that moves takes a priority that fits there.
  function place(from, to) {
    keep();
    const [rule] = state.rules.splice(from, 1);
    state.rules.splice(to, 0, rule);
    const before = state.rules[to - 1], after = state.rules[to + 1];
    if (before && weight(rule) < weight(before)) rule.priority = before.priority;
    if (after && weight(rule) > weight(after)) rule.priority = after.priority;
    state.at = to;
    draw();
    touch();
  }

  function sort() {
    const rule = ed.rule();
    state.rules.sort((one, other) => weight(one) - weight(other));
    state.at = Math.max(0, state.rules.indexOf(rule));
  }

  // An id that no rule of this set ever had: what is counted and paused is kept by it.
  function newId() {
    const draw = () => `rule-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36).padStart(5, "0").slice(-5)}`;
    let id = draw();
    while (state.rules.some((rule) => rule.id === id)) id = draw();
    return id;
  }

  function add() {
    keep();
    const last = state.rules.at(-1), first = blankCondition(), action = { action: "", params: {} };
    state.rules.push({
      id: newId(), name: "", when: { all: [first] }, actions: [action], stop: false,
      priority: String(Math.max(100, last ? weight(last) : 100)), active: [], excluded: [], enabled: true, limits: [],
    });
    [state.rules.at(-1), first, action].forEach((one) => ed.fresh.add(one));
    state.at = state.rules.length - 1;
    draw();
    touch();
    by("red-name").focus();
  }

  function copy() {
    keep();
    const rule = JSON.parse(JSON.stringify(ed.rule()));
    Object.assign(rule, { id: newId(), name: say("copy_of", rule.name).slice(0, 100) });
    state.rules.splice(state.at + 1, 0, rule);
    state.at += 1;
    draw();
    touch();
    by("red-name").focus();
  }

  function drop() {
    keep();
    state.rules.splice(state.at, 1);
    state.at = Math.max(0, Math.min(state.at, state.rules.length - 1));
    draw();
    touch();
    (by("red-rules").querySelector("[aria-current]") ?? by("red-add")).focus();
  }

  // ── one rule ──
  function draw() {
    ed.picks.hidden = true;
    root.append(ed.picks);
    drawList();
    const panel = by("red-rule"), rule = ed.rule();
    panel.replaceChildren();
    if (rule !== spoken) { by("red-sentence").replaceChildren(); told = {}; }
    spoken = rule;
    by("red-write").hidden = by("red-tongue").hidden = !rule;
    if (rule) drawRule(panel, rule);
    showState();
  }

  function drawRule(panel, rule) {
    panel.append(by("t-rule").content.cloneNode(true));
    part(panel, "id").textContent = rule.id;
    part(panel, "zone").textContent = ed.given.pickers.zone;
    field("red-name", "name", rule);
    field("red-priority", "priority", rule);
    by("red-priority").addEventListener("change", () => { sort(); draw(); touch(); by("red-priority").focus(); });
    tick("red-enabled", "enabled", rule);
    tick("red-stop", "stop", rule);
    part(panel, "tree").append(ed.group(rule.when, "/when", ""));
    ed.droppable(part(panel, "tree"));
    part(panel, "actions").append(...rule.actions.map((action, at) => ed.action(action, `/actions/${at}`, at + 1)));
    ed.droppable(part(panel, "actions"));
    for (const name of ["active", "excluded"]) part(panel, name).append(...rule[name].map((span, at) => ed.span(span, rule[name], name, at)));
    part(panel, "always").hidden = rule.active.length + rule.excluded.length > 0;
    part(panel, "limits").append(...rule.limits.map((limit, at) => ed.limit(limit, rule.limits, at)));
    buttons(panel, rule);
    show();
  }

  function field(id, key, rule) {
    by(id).value = rule[key];
    by(id).addEventListener("input", () => ed.type(() => { rule[key] = by(id).value; }));
  }

  function tick(id, key, rule) {
    by(id).checked = rule[key];
    by(id).addEventListener("change", () => { keep(); rule[key] = by(id).checked; drawItem(); touch(); });
  }

  function buttons(panel, rule) {
    const click = (name, act) => part(panel, name).addEventListener("click", act);
    const put = (list, item, focus) => { ed.fresh.add(item); ed.change(() => list.push(item), [item, focus]); };
    const week = () => ({ weekdays: [1, 2, 3, 4, 5, 6, 7], from: "", to: "", time_zone: ed.given.pickers.zone });
    click("copy", copy);
    click("drop", drop);
    click("up", () => state.at > 0 && place(state.at, state.at - 1));
    click("down", () => state.at < state.rules.length - 1 && place(state.at, state.at + 1));
    part(panel, "up").setAttribute("aria-disabled", String(state.at === 0));
    part(panel, "down").setAttribute("aria-disabled", String(state.at === state.rules.length - 1));
    click("add-action", () => put(rule.actions, { action: "", params: {} }, "action"));
    click("add-period", () => put(rule.active, { from: "", until: "" }, "from"));
    click("add-window", () => put(rule.active, week(), "from"));
    click("add-no-period", () => put(rule.excluded, { from: "", until: "" }, "from"));
    click("add-no-window", () => put(rule.excluded, week(), "from"));
    click("add-limit", () => put(rule.limits, { action: rule.actions[0]?.action ?? "", per_hour: "", amount_per_hour: "", least: "", most: "" }, "per_hour"));
  }

  // ── what the server says ──
  async function post(address, body) {
    try {
      const answer = await fetch(address, {
        method: "POST", body: JSON.stringify(body), credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": root.dataset.token },
      });
      const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
      return { ok: answer.ok, said: isJson ? await answer.json() : { note: words.kept_out } };
    } catch {
      return { ok: false, said: { note: words.lost } };
    }
  }

  async function check() {
    const rule = ed.rule(), mine = (asked += 1);
    if (!rule) return;
    const { ok, said } = await post(root.dataset.check, { at: 0, rule });
    if (!ok || mine !== asked) return;
    faults.set(rule, said.faults.map((fault) => ({ ...fault, path: fault.path.replace(/^\/rules\/\d+/, "") })));
    told = said;
    drawItem();
    show();
    speak();
  }

  function speak() {
    const pieces = told.sentence?.[state.tongue] ?? [];
    by("red-sentence").lang = state.tongue === "zh" ? "zh-CN" : "en";
    by("red-sentence").replaceChildren(...pieces.map((piece) => {
      if (piece.join) return ed.make("span", { class: "op" }, piece.text);
      if (piece.path === undefined) return piece.text;
      const mark = ed.make("mark", piece.gap ? { class: "gap" } : {}, piece.text);
      mark.addEventListener("click", () => at(piece.path.replace(/^\/rules\/\d+/, ""))?.querySelector("input, select")?.focus());
      return mark;
    }));
  }

  const places = () => [...by("red-rule").querySelectorAll("[data-path]")];
  const pathOf = (node) => (node.dataset.path.startsWith("/") ? node.dataset.path : `/${node.dataset.path}`);
  const at = (path) => places().filter((node) => path === pathOf(node) || path.startsWith(`${pathOf(node)}/`)).sort((one, other) => pathOf(other).length - pathOf(one).length)[0];

  // Each fault on the row it points at; a row is left alone until somebody has left it.
  function show() {
    const was = new Set(places().filter((node) => mine(node, "fault")?.hidden === false));
    places().forEach((node) => {
      node.classList.remove("is-bad");
      node.querySelectorAll(":scope > [aria-invalid], :scope > :not([data-path]) [aria-invalid]").forEach((one) => { one.removeAttribute("aria-invalid"); one.removeAttribute("aria-describedby"); });
      const words_of = mine(node, "fault");
      if (words_of) words_of.hidden = true;
    });
    for (const [number, fault] of (faults.get(ed.rule()) ?? []).entries()) {
      const node = at(fault.path) ?? at("/name"), slot = node && mine(node, "fault");
      if (!slot || !slot.hidden) continue;
      const isHere = !node.matches(".node") && node.contains(document.activeElement);
      if ((isHere && !was.has(node)) || ed.fresh.has(ed.itemOf(node) ?? ed.rule())) continue;
      slot.hidden = false;
      slot.id = `red-fault-${number}`;
      slot.textContent = fault.remedy ? `${fault.reason} · ${fault.remedy}` : fault.reason;
      if (!node.matches(".node")) node.classList.add("is-bad");
      const input = culprit(node, fault.path);
      input?.setAttribute("aria-invalid", "true");
      input?.setAttribute("aria-describedby", slot.id);
    }
  }

  const mine = (node, name) => [...node.querySelectorAll(`[data-part="${name}"]`)].find((one) => one.closest("[data-path]") === node);

  function culprit(node, path) {
    const key = path.slice(pathOf(node).length).split("/").pop();
    return mine(node, key) ?? node.querySelector(".vals input, .vals select, input:not([type=checkbox])") ?? node.querySelector("select");
  }

  // ── saving ──
  async function save(revision = state.revision) {
    clearTimeout(timer);
    const sent = JSON.stringify(state.rules);
    const { ok, said } = await post(root.dataset.save, { revision, comment: by("red-comment").value, rules: state.rules });
    const isStale = Boolean(said.is_stale);
    note(said.note, said.remedy, ok ? "ok" : isStale ? "warn" : "late");
    by("red-theirs").hidden = by("red-over").hidden = !isStale;
    if (isStale) by("red-over").dataset.revision = said.revision;
    if (ok) {
      state.revision = said.revision;
      state.dirty = JSON.stringify(state.rules) !== sent;
      check();
      look();
      return showState();
    }
    return lead(said.faults ?? []);
  }

  // To the first rule that is wrong, with all its faults shown.
  function lead(wrong) {
    const byRule = new Map();
    for (const fault of wrong) {
      const found = /^\/rules\/(\d+)(.*)$/.exec(fault.path);
      const rule = state.rules[found ? Number(found[1]) : state.at];
      if (rule) byRule.set(rule, [...(byRule.get(rule) ?? []), { ...fault, path: found ? found[2] : "/name" }]);
    }
    byRule.forEach((list, rule) => faults.set(rule, list));
    const first = state.rules.findIndex((rule) => byRule.has(rule));
    if (first < 0) return;
    ed.fresh = new WeakSet();
    if (first !== state.at) { state.at = first; draw(); check(); }
    document.activeElement?.blur();
    drawList();
    show();
    by("red-rule").querySelector("[aria-invalid]")?.focus();
  }

  function note(text, remedy, kind) {
    const box = by("red-note");
    box.className = `note is-${kind}`;
    part(box, "well").hidden = kind !== "ok";
    part(box, "ill").hidden = kind === "ok";
    part(box, "words").textContent = remedy ? `${text}。${remedy}` : text;
    box.hidden = false;
  }

  // What the stored rules do to each other: never reached, contradicting. It may take a moment, and nothing waits for it.
  async function look() {
    const revision = state.revision;
    const answer = await fetch(root.dataset.findings).catch(() => null);
    if (!answer?.ok || revision !== state.revision) return;
    const { findings } = await answer.json();
    by("red-found").hidden = !findings.length;
    by("red-found").querySelector("ul").replaceChildren(...findings.map((found) => {
      const node = clone("t-finding");
      part(node, "mark").className = found.is_proved ? "late" : "t3";
      for (const name of ["kind", "reason", "remedy"]) part(node, name).textContent = found[name];
      part(node, "rule").textContent = state.rules.find((rule) => rule.id === found.rule)?.name ?? found.rule;
      part(node, "rule").addEventListener("click", () => {
        const now = state.rules.findIndex((rule) => rule.id === found.rule);
        if (now >= 0) open(now);
      });
      return node;
    }));
  }

  // ── a sentence read back ──
  function write() {
    by("red-reading").hidden = false;
    by("red-sentence").hidden = true;
    by("red-unread").hidden = true;
    by("red-typed").value = told.conditions?.[state.tongue] ?? "";
    by("red-typed").focus();
  }

  function leave() {
    by("red-reading").hidden = true;
    by("red-sentence").hidden = false;
    by("red-write").focus();
  }

  async function readBack(event) {
    event.preventDefault();
    const { said } = await post(root.dataset.read, { sentence: by("red-typed").value, language: state.tongue });
    const wrong = said.faults?.[0];
    by("red-unread").hidden = Boolean(said.when);
    by("red-unread").textContent = wrong ? `${wrong.reason} · ${wrong.remedy}` : said.note ?? "";
    if (!said.when) return by("red-typed").focus();
    ed.change(() => { ed.rule().when = whole({ when: said.when }).when; });
    return leave();
  }

  // ── the page ──
  const listen = (id, event, act) => by(id).addEventListener(event, act);
  listen("red-add", "click", add);
  listen("red-save", "click", () => save());
  listen("red-over", "click", () => save(Number(by("red-over").dataset.revision)));
  listen("red-undo", "click", undo);
  listen("red-write", "click", write);
  listen("red-leave", "click", leave);
  listen("red-reading", "submit", readBack);
  listen("red-comment", "input", () => { state.dirty = true; showState(); });
  listen("red-tongue", "click", () => {
    state.tongue = state.tongue === "zh" ? "en" : "zh";
    by("red-tongue").textContent = state.tongue === "zh" ? "EN" : "中文";
    if (!by("red-reading").hidden) by("red-typed").value = told.conditions?.[state.tongue] ?? "";
    speak();
  });
  root.addEventListener("focusin", () => { isTyping = false; });
  root.addEventListener("focusout", (event) => {
    const left = event.target.closest("[data-path]");
    if (left && !left.contains(event.relatedTarget)) ed.fresh.delete(ed.itemOf(left) ?? ed.rule());
    setTimeout(show, 0);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "s") { event.preventDefault(); save(); }
    if (event.key === "z" && !event.shiftKey && !event.target.closest("input:not([type=checkbox]), textarea")) { event.preventDefault(); undo(); }
  });
  window.addEventListener("beforeunload", (event) => { if (state.dirty) event.preventDefault(); });

  state.rules = ed.given.rules.map(whole);
  sort();
  state.at = 0;
  draw();
  check();
  look();
})();
