// rule_editor_tree.js: draws the conditions and actions of one rule and moves them; what they mean is the server's business.
(() => {
  "use strict";
  const ed = window.ruleEditor;
  const { say, part, clone, facts, actions, words } = ed;
  const KINDS = ["all", "any", "none"];
  const LOOKS = { all: "is-and", any: "is-or", none: "is-not" };
  const kindOf = (item) => KINDS.find((kind) => kind in item);
  // Rows that nobody has filled in and left yet: what they lack is not told.
  ed.fresh = new WeakSet();
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hidden(ed.by("red-moves")); });
  document.addEventListener("click", (event) => { if (!event.target.closest(".grip, #red-moves")) hidden(ed.by("red-moves")); });
  const elements = new WeakMap();
  const items = new WeakMap();

  function bind(node, item, path, number, key) {
    node.dataset.path = path;
    node.setAttribute("aria-label", say(key, number));
    elements.set(item, node);
    items.set(node, item);
    const grip = part(node, "grip"), gone = part(node, "remove");
    if (gone) gone.setAttribute("aria-label", say("remove", say(key, number)));
    if (gone) gone.addEventListener("click", () => remove(item));
    if (grip) {
      grip.setAttribute("aria-label", say("move", say(key, number)));
      grip.addEventListener("keydown", (event) => shift(event, item));
      grip.addEventListener("click", () => offerMoves(grip, item));
      grip.addEventListener("dragstart", (event) => {
        ed.dragged = item;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
      });
      grip.addEventListener("dragend", () => { ed.dragged = null; unmark(); });
    }
    return node;
  }

  // Where an item stands: its list and index, and the group around it.
  function locate(item, rule = ed.rule()) {
    if (rule.actions.includes(item)) return { list: rule.actions, index: rule.actions.indexOf(item), group: null };
    const open = [rule.when];
    while (open.length) {
      const group = open.pop(), list = group[kindOf(group)];
      if (list.includes(item)) return { list, index: list.indexOf(item), group };
      open.push(...list.filter(kindOf));
    }
    return null;
  }

  function remove(item) {
    const { list, index, group } = locate(item);
    const next = list[index + 1] ?? list[index - 1] ?? group;
    ed.change(() => list.splice(index, 1), next && [next, next === group ? "add" : "grip"]);
  }

  function shift(event, item) {
    if (!event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    moveOf(event.key, item)?.();
  }

  // What moving an item somewhere would do; nothing where it cannot go there.
  function moveOf(key, item) {
    const { list, index, group } = locate(item);
    const step = { ArrowUp: -1, ArrowDown: 1 }[key], outer = group && locate(group), into = list[index - 1];
    const move = (to, at) => () => ed.change(() => { list.splice(index, 1); to.splice(at, 0, item); }, [item, "grip"]);
    if (step) return list[index + step] && move(list, index + step);
    if (key === "ArrowLeft") return outer && move(outer.list, outer.index + 1);
    return group && into && kindOf(into) ? move(into[kindOf(into)], into[kindOf(into)].length) : null;
  }

  // The same moves for who has neither a mouse to drag with nor keys.
  function offerMoves(grip, item) {
    const menu = ed.by("red-moves");
    if (!menu.hidden && menu.parentElement === grip.parentElement) return ed.root.append(hidden(menu));
    grip.after(menu);
    menu.hidden = false;
    menu.querySelectorAll("button").forEach((button) => {
      const move = moveOf(button.dataset.move, item);
      button.setAttribute("aria-disabled", String(!move));
      button.onclick = () => { if (move) { ed.root.append(hidden(menu)); move(); } };
    });
    return menu;
  }

  function hidden(node) {
    node.hidden = true;
    return node;
  }

  function holds(outer, item) {
    if (outer === item) return true;
    const kind = kindOf(outer);
    return Boolean(kind) && outer[kind].some((inner) => holds(inner, item));
  }

  function unmark() {
    document.querySelectorAll(".is-before, .is-after, .is-into").forEach((node) => node.classList.remove("is-before", "is-after", "is-into"));
  }

  // Where a dragged item would be put: before or after a row, or into a group when it is over the group's head.
  function target(event) {
    const node = event.target.closest(".crow, .node"), over = node && items.get(node);
    if (!ed.dragged || !over || holds(ed.dragged, over)) return null;
    const isAction = ed.rule().actions.includes(ed.dragged);
    if (isAction !== ed.rule().actions.includes(over)) return null;
    if (kindOf(over)) return { node, where: "into", group: over };
    const box = node.getBoundingClientRect();
    return { node, where: event.clientY < box.top + box.height / 2 ? "before" : "after", over };
  }

  function droppable(area) {
    area.addEventListener("dragover", (event) => {
      const found = target(event);
      unmark();
      if (!found) return;
      event.preventDefault();
      found.node.classList.add(`is-${found.where}`);
    });
    area.addEventListener("drop", (event) => {
      const found = target(event), item = ed.dragged;
      unmark();
      ed.dragged = null;
      if (!found) return;
      event.preventDefault();
      ed.change(() => {
        const from = locate(item);
        from.list.splice(from.index, 1);
        if (found.group) return found.group[kindOf(found.group)].push(item);
        const to = locate(found.over);
        return to.list.splice(to.index + (found.where === "after" ? 1 : 0), 0, item);
      }, [item, "grip"]);
    });
  }

  function group(item, path, number) {
    const kind = kindOf(item), isRoot = !number;
    const node = bind(clone("t-group"), item, path, number || "0", "group");
    node.classList.add(LOOKS[kind]);
    if (isRoot) { part(node, "grip").remove(); part(node, "remove").remove(); node.setAttribute("aria-label", words.all_conditions); }
    part(node, "number").textContent = number;
    part(node, "hint").textContent = item[kind].length || kind !== "all" ? document.getElementById("red-hints").dataset[kind] : words.nothing;
    const select = part(node, "kind");
    select.value = kind;
    select.addEventListener("change", () => ed.change(() => {
      const inside = item[kind];
      delete item[kind];
      item[select.value] = inside;
    }, [item, "kind"]));
    part(node, "add").addEventListener("click", () => put(item, { fact: "", op: "", value: "" }));
    part(node, "add-group").addEventListener("click", () => put(item, { any: [{ fact: "", op: "", value: "" }] }));
    const before = number ? `${number}.` : "";
    item[kind].forEach((child, at) => node.append(one(child, `${path}/${kind}/${at}`, `${before}${at + 1}`)));
    return node;
  }

  function put(into, item) {
    const first = kindOf(item) ? item[kindOf(item)][0] : item;
    ed.fresh.add(first);
    ed.change(() => into[kindOf(into)].push(item), [first, "fact"]);
  }

  const one = (item, path, number) => (kindOf(item) ? group : condition)(item, path, number);

  function condition(item, path, number) {
    const node = bind(clone("t-condition"), item, path, number, "condition");
    const fact = facts.get(item.fact), select = part(node, "op");
    part(node, "number").textContent = number;
    ed.combo(part(node, "fact"), item.fact ?? "", (picked) => ed.change(() => choose(item, picked), [item, "op"]));
    if (!fact) {
      select.hidden = !item.op;
      ed.options(select, [], item.op);
      if (item.fact) part(node, "value").append(ed.make("span", { class: "t3 sm" }, words.gone));
      return node;
    }
    ed.options(select, fact.ops, item.op);
    select.addEventListener("change", () => ed.change(() => compare(item, fact, select.value), [item, "op"]));
    const shape = fact.ops.find((op) => op.code === item.op)?.shape;
    if (shape) part(node, "value").append(...ed.shaped(fact, shape, item.value, (value) => ed.type(() => { item.value = value; })));
    return node;
  }

  const shapeOf = (fact, code) => fact.ops.find((op) => op.code === code)?.shape;

  function choose(item, fact) {
    const was = facts.get(item.fact);
    item.fact = fact.name;
    if (was && was.type === fact.type && !was.choices.length && !fact.choices.length) return;
    item.op = fact.ops[0].code;
    fill(item, ed.blank(fact, fact.ops[0].shape));
  }

  // Another comparison keeps what was typed where it fits: one value becomes the first of several, and back.
  function compare(item, fact, code) {
    const was = shapeOf(fact, item.op), now = shapeOf(fact, code);
    item.op = code;
    if (was === now) return;
    if (was === "list" && now === "scalar" && item.value?.length) fill(item, item.value[0]);
    else if (was === "scalar" && now === "list" && typeof item.value === "string" && item.value) fill(item, [item.value]);
    else if (was === "scalar" && now === "pair") fill(item, [item.value, ed.blankOf(fact.type)]);
    else if (was === "pair" && now === "scalar") fill(item, item.value[0]);
    else fill(item, ed.blank(fact, now));
  }

  function fill(item, value) {
    if (value === undefined) delete item.value;
    else item.value = value;
  }

  function action(item, path, number) {
    const node = bind(clone("t-action"), item, path, number, "action");
    const select = part(node, "action"), spec = actions.get(item.action);
    const list = [...actions.values()].map((one) => ({ code: one.name, label: one.label }));
    ed.options(select, list, item.action, words.pick);
    select.addEventListener("change", () => ed.change(() => {
      item.action = select.value;
      item.params = blankParams(actions.get(select.value));
    }, [item, "action"]));
    const fields = part(node, "params");
    fields.classList.toggle("is-many", (spec?.params.length ?? 0) > 2);
    for (const param of spec?.params ?? []) {
      const put = (value) => ed.type(() => { item.params[param.name] = value; });
      const label = ed.make("span", { class: "t2" }, param.label);
      const inputs = ed.scalar(param, item.params[param.name] ?? "", put, param.label);
      if (!param.required && inputs[0].tagName === "INPUT") inputs[0].placeholder = words.optional;
      fields.append(ed.make("span", { class: "param", "data-field": param.name }, label, ed.make("span", { class: "row g4" }, ...inputs)));
    }
    return node;
  }

  const blankParams = (spec) =>
    Object.fromEntries((spec?.params ?? []).filter((param) => param.required).map((param) => [param.name, ed.blankOf(param.type)]));

  function span(item, list, name, at) {
    const isWindow = "time_zone" in item;
    const node = bind(clone(isWindow ? "t-window" : "t-period"), item, `/${name}/${at}`, at + 1, name);
    const gone = part(node, "remove"), fresh = gone.cloneNode(true);
    gone.replaceWith(fresh);
    fresh.addEventListener("click", () => ed.change(() => list.splice(at, 1)));
    part(node, "what").textContent = document.getElementById("red-hints").dataset[name];
    if (isWindow) {
      part(node, "window").append(...ed.weekly(item, (value) => ed.type(() => Object.assign(item, value))));
      return node;
    }
    for (const key of ["from", "until"]) {
      const field = part(node, key);
      if ((item[key] ?? "").length > 16) field.step = "0.001";
      field.value = item[key] ?? "";
      field.addEventListener("input", () => ed.type(() => { item[key] = field.value; }));
    }
    return node;
  }

  function limit(item, list, at) {
    const node = bind(clone("t-limit"), item, `/limits/${at}`, at + 1, "limit");
    const gone = part(node, "remove"), fresh = gone.cloneNode(true), select = part(node, "action");
    gone.replaceWith(fresh);
    fresh.addEventListener("click", () => ed.change(() => list.splice(at, 1)));
    const mine = ed.rule().actions.map((one) => actions.get(one.action)).filter(Boolean);
    ed.options(select, mine.map((one) => ({ code: one.name, label: one.label })), item.action, words.pick);
    select.addEventListener("change", () => ed.change(() => { item.action = select.value; }, [item, "action"]));
    part(node, "unit").textContent = actions.get(item.action)?.gives ?? "";
    for (const key of ["per_hour", "amount_per_hour", "least", "most"]) {
      const field = part(node, key);
      field.value = item[key] ?? "";
      field.addEventListener("input", () => ed.type(() => { item[key] = field.value; }));
    }
    return node;
  }

  Object.assign(ed, { group, action, span, limit, kindOf, droppable, blankParams, elementOf: (item) => elements.get(item), itemOf: (node) => items.get(node) });
})();
