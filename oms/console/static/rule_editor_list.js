// rule_editor_list.js: the list of a draft's rules: which is open, their order, new ones, copies, what is deleted.
(() => {
  "use strict";
  const ed = window.ruleEditor;
  const { say, part, clone, words } = ed;
  const by = (id) => document.getElementById(id);
  const blankCondition = () => ({ fact: "", op: "", value: "" });
  const weight = (rule) => (Number.isFinite(Number(rule.priority)) && String(rule.priority).trim() ? Number(rule.priority) : 100);
  const MANY = 10;
  const root = document.getElementById("red");
  const state = { rules: [], at: 0, tongue: ed.given.pickers.language, revision: Number(root.dataset.revision), dirty: false };

  function drawList() {
    const list = by("red-rules");
    const hadFocus = list.contains(document.activeElement);
    list.replaceChildren(...state.rules.map((rule, at) => item(rule, at)));
    by("red-count").textContent = say("count", state.rules.length);
    by("red-filter").hidden = state.rules.length <= MANY;
    filter();
    if (hadFocus) list.querySelector("[aria-current]")?.focus();
  }

  // Of a long list only the rules whose name or id has what is typed.
  function filter() {
    const typed = by("red-filter").hidden ? "" : by("red-filter").value.trim().toLowerCase();
    [...by("red-rules").children].forEach((node, at) => {
      const rule = state.rules[at];
      node.hidden = at !== state.at && !`${rule.name} ${rule.id}`.toLowerCase().includes(typed);
    });
  }

  // The open rule alone, as people type: a long list is not drawn for every letter.
  function drawItem() {
    const node = by("red-rules").children[state.at];
    if (node) tell(node, ed.rule());
  }

  function tell(node, rule) {
    const wrong = ed.faults.get(rule)?.length;
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
    window.history.replaceState(null, "", `#${ed.rule().id}`);
    ed.draw();
    ed.check();
  }

  // Rules are kept in the order in which they are looked at; a rule that moves takes a priority that fits there.
  function place(from, to) {
    ed.keep();
    const [rule] = state.rules.splice(from, 1);
    state.rules.splice(to, 0, rule);
    const before = state.rules[to - 1], after = state.rules[to + 1];
    if (before && weight(rule) < weight(before)) rule.priority = before.priority;
    if (after && weight(rule) > weight(after)) rule.priority = after.priority;
    state.at = to;
    ed.draw();
    ed.touch();
  }

  function sort() {
    const rule = ed.rule();
    state.rules.sort((one, other) => weight(one) - weight(other));
    state.at = Math.max(0, state.rules.indexOf(rule));
  }

  // An id that no rule of this set ever had: what is counted and paused is kept by it.
  function newId() {
    const random = () => `rule-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36).padStart(5, "0").slice(-5)}`;
    let id = random();
    while (state.rules.some((rule) => rule.id === id)) id = random();
    return id;
  }

  function add() {
    ed.keep();
    const last = state.rules.at(-1), first = blankCondition(), action = { action: "", params: {} };
    state.rules.push({
      id: newId(), name: "", when: { all: [first] }, actions: [action], stop: false,
      priority: String(Math.max(100, last ? weight(last) : 100)), active: [], excluded: [], enabled: true, limits: [],
    });
    [state.rules.at(-1), first, action].forEach((one) => ed.fresh.add(one));
    state.at = state.rules.length - 1;
    ed.draw();
    ed.touch();
    by("red-name").focus();
  }

  function copy() {
    ed.keep();
    const rule = JSON.parse(JSON.stringify(ed.rule()));
    Object.assign(rule, { id: newId(), name: say("copy_of", rule.name).slice(0, 100) });
    state.rules.splice(state.at + 1, 0, rule);
    state.at += 1;
    ed.draw();
    ed.touch();
    by("red-name").focus();
  }

  function drop() {
    ed.keep();
    state.rules.splice(state.at, 1);
    state.at = Math.max(0, Math.min(state.at, state.rules.length - 1));
    ed.draw();
    ed.touch();
    (by("red-rules").querySelector("[aria-current]") ?? by("red-add")).focus();
  }

  Object.assign(ed, { state, rule: () => state.rules[state.at], by, root, drawList, drawItem, filter, open, place, sort, add, copy, drop });
})();
