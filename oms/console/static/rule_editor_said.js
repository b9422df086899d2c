// rule_editor_said.js: what the server says of a draft: faults at their rows, sentences, findings, and whether it is saved.
(() => {
  "use strict";
  const ed = window.ruleEditor;
  const { say, part, clone, words, state, by, root } = ed;
  let asked = 0, told = {}, spoken = null;

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
    ed.isAsking = false;
    ed.faults.set(rule, said.faults.map((fault) => ({ ...fault, path: fault.path.replace(/^\/rules\/\d+/, "") })));
    told = said;
    ed.drawItem();
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

  // Nothing moves under a button that is being pressed: its click would be lost.
  let isPressed = false, isLate = false;
  document.addEventListener("pointerdown", (event) => { isPressed = Boolean(event.target.closest("button, a, label")); }, true);
  for (const end of ["pointerup", "pointercancel", "dragend"]) {
    document.addEventListener(end, () => {
      isPressed = false;
      if (isLate) setTimeout(show, 0);
    }, true);
  }

  // Each fault on the row it points at; a row is left alone until somebody has left it and the server has seen it.
  function show() {
    isLate = isPressed;
    if (isPressed) return;
    const was = new Set(places().filter((node) => mine(node, "fault")?.hidden === false));
    places().forEach((node) => {
      node.classList.remove("is-bad");
      node.querySelectorAll(":scope > [aria-invalid], :scope > :not([data-path]) [aria-invalid]").forEach((one) => { one.removeAttribute("aria-invalid"); one.removeAttribute("aria-describedby"); });
      const slot = mine(node, "fault");
      if (slot) { slot.hidden = true; slot.textContent = ""; }
    });
    for (const [number, fault] of (ed.faults.get(ed.rule()) ?? []).entries()) {
      const node = at(fault.path) ?? at("/name"), slot = node && mine(node, "fault");
      if (!slot) continue;
      const isHere = !node.matches(".node") && node.contains(document.activeElement);
      if (((isHere || ed.isAsking) && !was.has(node)) || ed.fresh.has(ed.itemOf(node) ?? ed.rule())) continue;
      const input = culprit(node, fault.path), words = sentence(fault, input);
      slot.textContent = slot.hidden ? words : `${slot.textContent}${ed.words.also}${words}`;
      slot.id = slot.hidden ? `red-fault-${number}` : slot.id;
      slot.hidden = false;
      if (!node.matches(".node")) node.classList.add("is-bad");
      input?.setAttribute("aria-invalid", "true");
      input?.setAttribute("aria-describedby", slot.id);
    }
  }

  // A fault of one of several fields names its field.
  function sentence(fault, input) {
    const said = fault.remedy ? `${fault.reason} · ${fault.remedy}` : fault.reason;
    const label = /\/params\//.test(fault.path) ? input?.getAttribute("aria-label") : "";
    return label ? `${label} ${said}` : said;
  }

  const mine = (node, name) => [...node.querySelectorAll(`[data-part="${name}"]`)].find((one) => one.closest("[data-path]") === node);

  function culprit(node, path) {
    const keys = path.slice(pathOf(node).length).split("/"), field = node.querySelector(`[data-field="${keys[2]}"]`);
    const inside = "input:not([type=checkbox]), select";
    return field?.querySelector(inside) ?? mine(node, keys.at(-1)) ?? node.querySelector(".vals :is(input, select)") ?? node.querySelector(inside);
  }

  // ── saving ──
  async function save(revision = state.revision) {
    ed.settle();
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
      return ed.showState();
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
    byRule.forEach((list, rule) => ed.faults.set(rule, list));
    const first = state.rules.findIndex((rule) => byRule.has(rule));
    if (first < 0) return;
    ed.fresh = new WeakSet();
    ed.isAsking = false;
    if (first !== state.at) { state.at = first; ed.draw(); check(); }
    document.activeElement?.blur();
    ed.drawList();
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
        if (now >= 0) ed.open(now);
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
    ed.change(() => { ed.rule().when = ed.whole({ when: said.when }).when; });
    return leave();
  }

  // Another rule is open: what was said of the one before is not shown any more.
  function forget(rule) {
    if (rule !== spoken) { by("red-sentence").replaceChildren(); told = {}; }
    spoken = rule;
  }

  // The sentence in the other language, also while it is being written.
  function turn() {
    state.tongue = state.tongue === "zh" ? "en" : "zh";
    by("red-tongue").textContent = state.tongue === "zh" ? "EN" : "中文";
    if (!by("red-reading").hidden) by("red-typed").value = told.conditions?.[state.tongue] ?? "";
    speak();
  }

  Object.assign(ed, { faults: new WeakMap(), isAsking: false, check, show, save, look, write, leave, readBack, forget, turn });
})();
