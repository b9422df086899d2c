// rule_editor.js: the rules of a draft as they are typed, until they are saved. The server alone says what is right.
(() => {
  "use strict";
  const ed = window.ruleEditor;
  const { part, words, state, by, root } = ed;
  const past = [];
  let isTyping = false, timer = 0;

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
    ed.drawItem();
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
    state.dirty = ed.isAsking = true;
    showState();
    if (by("red-note").classList.contains("is-ok")) by("red-note").hidden = true;
    clearTimeout(timer);
    timer = setTimeout(ed.check, 200);
  }

  function showState() {
    by("red-state").textContent = state.dirty ? words.unsaved : words.saved;
    by("red-undo").setAttribute("aria-disabled", String(!past.length));
  }

  // ── one rule ──
  function draw() {
    for (const floating of [ed.picks, by("red-moves")]) {
      floating.hidden = true;
      root.append(floating);
    }
    ed.drawList();
    const panel = by("red-rule"), rule = ed.rule();
    panel.replaceChildren();
    ed.forget(rule);
    by("red-write").hidden = by("red-tongue").hidden = !rule;
    by("red-say").hidden = !rule;
    if (rule) drawRule(panel, rule);
    else panel.append(by("t-empty").content.cloneNode(true));
    part(panel, "first")?.addEventListener("click", ed.add);
    showState();
  }

  function drawRule(panel, rule) {
    panel.append(by("t-rule").content.cloneNode(true));
    part(panel, "id").textContent = rule.id;
    part(panel, "zone").textContent = ed.given.pickers.zone;
    field("red-name", "name", rule);
    field("red-priority", "priority", rule);
    by("red-priority").addEventListener("change", () => { ed.sort(); draw(); touch(); by("red-priority").focus(); });
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
    ed.show();
  }

  function field(id, key, rule) {
    by(id).value = rule[key];
    by(id).addEventListener("input", () => ed.type(() => { rule[key] = by(id).value; }));
  }

  function tick(id, key, rule) {
    by(id).checked = rule[key];
    by(id).addEventListener("change", () => { keep(); rule[key] = by(id).checked; ed.drawItem(); touch(); });
  }

  function buttons(panel, rule) {
    const click = (name, act) => part(panel, name).addEventListener("click", act);
    const put = (list, item, focus) => { ed.fresh.add(item); ed.change(() => list.push(item), [item, focus]); };
    const week = () => ({ weekdays: [1, 2, 3, 4, 5, 6, 7], from: "", to: "", time_zone: ed.given.pickers.zone });
    click("copy", ed.copy);
    click("drop", ed.drop);
    click("up", () => state.at > 0 && ed.place(state.at, state.at - 1));
    click("down", () => state.at < state.rules.length - 1 && ed.place(state.at, state.at + 1));
    part(panel, "up").setAttribute("aria-disabled", String(state.at === 0));
    part(panel, "down").setAttribute("aria-disabled", String(state.at === state.rules.length - 1));
    click("add-action", () => put(rule.actions, { action: "", params: {} }, "action"));
    click("add-period", () => put(rule.active, { from: "", until: "" }, "from"));
    click("add-window", () => put(rule.active, week(), "from"));
    click("add-no-period", () => put(rule.excluded, { from: "", until: "" }, "from"));
    click("add-no-window", () => put(rule.excluded, week(), "from"));
    click("add-limit", () => put(rule.limits, { action: rule.actions[0]?.action ?? "", per_hour: "", amount_per_hour: "", least: "", most: "" }, "per_hour"));
  }

  Object.assign(ed, { keep, draw, touch, showState, whole, settle: () => clearTimeout(timer) });

  // ── the page ──
  const listen = (id, event, act) => by(id).addEventListener(event, act);
  listen("red-add", "click", ed.add);
  listen("red-save", "click", () => ed.save());
  listen("red-over", "click", () => ed.save(Number(by("red-over").dataset.revision)));
  listen("red-undo", "click", undo);
  listen("red-write", "click", ed.write);
  listen("red-leave", "click", ed.leave);
  listen("red-reading", "submit", ed.readBack);
  listen("red-comment", "input", () => { state.dirty = true; showState(); });
  listen("red-tongue", "click", ed.turn);
  listen("red-filter", "input", ed.filter);
  root.addEventListener("focusin", () => { isTyping = false; });
  root.addEventListener("focusout", (event) => {
    const left = event.target.closest("[data-path]");
    if (left && !left.contains(event.relatedTarget)) ed.fresh.delete(ed.itemOf(left) ?? ed.rule());
    setTimeout(ed.show, 0);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "s") { event.preventDefault(); ed.save(); }
    if (event.key === "z" && !event.shiftKey && !event.target.closest("input:not([type=checkbox]), textarea")) { event.preventDefault(); undo(); }
  });
  window.addEventListener("beforeunload", (event) => { if (state.dirty) event.preventDefault(); });

  state.rules = ed.given.rules.map(whole);
  ed.sort();
  state.at = Math.max(0, state.rules.findIndex((rule) => `#${rule.id}` === window.location.hash));
  draw();
  // A click before this line would be lost, so these buttons wait for it.
  root.querySelectorAll("[data-wakes]").forEach((button) => { button.disabled = false; });
  ed.check();
  ed.look();
})();
