// rule_editor_fields.js: the inputs of one condition or parameter: a picker of facts to search in, a field for each type.
(() => {
  "use strict";
  const given = JSON.parse(document.getElementById("red-given").textContent);
  const words = given.pickers.words;
  const facts = new Map(given.pickers.facts.map((fact) => [fact.name, fact]));
  const actions = new Map(given.pickers.actions.map((action) => [action.name, action]));
  const say = (key, n = "") => words[key].replace("{n}", n);
  const part = (node, name) => node.querySelector(`[data-part="${name}"]`);
  const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

  function make(tag, attributes = {}, ...inside) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...inside);
    return node;
  }

  function options(select, list, chosen, first = "") {
    select.replaceChildren();
    if (first) select.append(make("option", { value: "" }, first));
    const known = list.some((one) => one.code === chosen) || !chosen;
    for (const one of known ? list : [...list, { code: chosen, label: chosen }]) {
      select.append(make("option", { value: one.code }, one.label));
    }
    select.value = chosen || "";
    return select;
  }

  function choose(list, chosen, set, label, first = "") {
    const select = options(make("select", { class: "sel", "aria-label": label }), list, chosen, first);
    select.addEventListener("change", () => set(select.value));
    return select;
  }

  function input(value, set, label, attributes = {}) {
    const field = make("input", { class: "inp", "aria-label": label, autocomplete: "off", ...attributes });
    field.value = typeof value === "string" ? value : JSON.stringify(value ?? "");
    field.addEventListener("input", () => set(field.value));
    return field;
  }

  const lists = new Map();

  // Codes that the hub knows, offered below a field as somebody types; what is picked is what counts.
  function offer(field, kind, picked = () => {}) {
    if (!kind) return field;
    if (!lists.has(kind)) {
      lists.set(kind, make("datalist", { id: `known-${kind}` }));
      document.getElementById("red").append(lists.get(kind));
    }
    const list = lists.get(kind);
    let timer = 0;
    const ask = async () => {
      const answer = await fetch(`${document.getElementById("red").dataset.known}?${new URLSearchParams({ kind, typed: field.value })}`);
      if (!answer.ok) return;
      const { known } = await answer.json();
      list.replaceChildren(...known.map((one) => make("option", one.label ? { value: one.code, label: `${one.code} ${one.label}` } : { value: one.code })));
    };
    field.setAttribute("list", list.id);
    field.addEventListener("focus", ask);
    field.addEventListener("input", (event) => {
      clearTimeout(timer);
      const isPicked = event.inputType === "insertReplacementText" || !event.inputType;
      if (isPicked && [...list.children].some((option) => option.value === field.value)) picked();
      else timer = setTimeout(ask, 200);
    });
    return field;
  }

  const unit = (text) => (text ? [make("span", { class: "t2" }, text)] : []);

  function length(value, set, label) {
    const now = { count: "", unit: "3600", ...(typeof value === "object" ? value : {}) };
    const count = input(now.count, (text) => { now.count = text; set({ ...now }); }, label, { class: "inp w60 num", inputmode: "numeric" });
    return [count, choose(given.pickers.lengths, now.unit, (code) => { now.unit = code; set({ ...now }); }, say("unit"))];
  }

  const yesOrNo = () => [{ code: "true", label: words.yes }, { code: "false", label: words.no }];
  const isLocal = (text) => !text || /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text);

  // The nodes of a field for one value of a type.
  function scalar(spec, value, set, label) {
    if (spec.type === "set") return [tokens(spec, value, set, label)];
    if (spec.type === "duration") return length(value, set, label);
    if (spec.type === "bool") return [choose(yesOrNo(), value, set, label, spec.required === false || !value ? words.pick : "")];
    if (spec.choices.length) return [choose(spec.choices, value, set, label, words.pick)];
    if (spec.type === "datetime") {
      const seconds = typeof value === "string" && value.length > 16 ? { step: "0.001" } : {};
      return [input(value, set, label, isLocal(value) ? { type: "datetime-local", ...seconds } : {})];
    }
    const isNumber = ["money", "integer", "count", "decimal"].includes(spec.type);
    const look = isNumber ? { class: "inp w90 num", inputmode: "decimal" } : { class: "inp w170" };
    return [offer(input(value, set, label, look), spec.known), ...unit(spec.unit)];
  }

  // What ends a value that is typed into a list: a comma may be part of free text, and of a number.
  function separators(spec) {
    if (["money", "integer", "count", "decimal"].includes(spec.type)) return /[、;；\n\t]/;
    return spec.type === "text" && !spec.known ? /[\n\t]/ : /[,，、;；\n\t]/;
  }

  // Several values as tokens, with a field or a list to add one more.
  function tokens(spec, value, set, label) {
    const box = make("span", { class: "tokens row g4 wrap", role: "group", "aria-label": label });
    let values = Array.isArray(value) ? [...value] : [];
    const named = (code) => spec.choices.find((one) => one.code === code)?.label ?? code;
    const put = (changed, focus = true) => { values = changed; set([...values]); draw(focus); };
    const between = separators(spec);
    const add = (text, focus) => {
      const more = text.split(between).map((one) => one.trim()).filter((one) => one && !values.includes(one));
      if (more.length) put([...values, ...new Set(more)], focus);
    };
    function token(code) {
      const gone = make("button", { type: "button", class: "btn is-bare", "aria-label": say("remove", named(code)) }, "×");
      gone.addEventListener("click", () => put(values.filter((one) => one !== code)));
      return make("span", { class: "token" }, named(code), ...unit(spec.unit), gone);
    }
    function adder() {
      if (spec.choices.length) {
        const rest = spec.choices.filter((one) => !values.includes(one.code));
        return choose(rest, "", (code) => code && put([...values, code]), say("add_value"), say("add_value"));
      }
      const field = input("", () => {}, say("add_value"), { class: "inp w130", placeholder: words.enter });
      offer(field, spec.known, () => add(field.value, true));
      field.addEventListener("input", () => { if (between.test(field.value)) add(field.value, true); });
      field.addEventListener("keydown", (event) => {
        if (event.isComposing || event.keyCode === 229) return;
        if (event.key === "Enter") { event.preventDefault(); add(field.value, true); }
        if (event.key === "Backspace" && !field.value && values.length) put(values.slice(0, -1));
      });
      field.addEventListener("change", () => add(field.value, false));
      return field;
    }
    function draw(focus) {
      const last = adder();
      box.replaceChildren(...values.map(token), last);
      if (focus) last.focus();
    }
    draw(false);
    return box;
  }

  function weekly(value, set) {
    const now = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: "", to: "", time_zone: given.pickers.zone, ...value };
    const box = make("span", { class: "row g4 wrap" }, document.getElementById("t-window-fields").content.cloneNode(true));
    given.pickers.days.forEach((name, at) => {
      const tick = make("input", { type: "checkbox" });
      tick.checked = now.weekdays.includes(at + 1);
      tick.addEventListener("change", () => {
        now.weekdays = tick.checked ? [...now.weekdays, at + 1].sort() : now.weekdays.filter((day) => day !== at + 1);
        set({ ...now });
      });
      box.querySelector(".days").append(make("label", {}, tick, name));
    });
    for (const [name, key] of [["from", "from"], ["to", "to"], ["zone", "time_zone"]]) {
      const field = part(box, name);
      field.value = now[key];
      field.addEventListener("input", () => { now[key] = field.value.trim().replace("：", ":"); set({ ...now }); });
    }
    return [box];
  }

  // The nodes of a field for what an operator compares with.
  function shaped(fact, shape, value, set) {
    const element = fact.type === "set" ? { ...fact, type: "code" } : fact;
    if (shape === "nothing") return [];
    if (shape === "list") return [tokens(element, value, set, words.value)];
    if (shape === "window") return weekly(value, set);
    if (shape === "seconds") return length(value, set, words.value);
    if (shape === "prefix" || shape === "pattern") return [input(value, set, words.value, { class: "inp w170 mono" })];
    if (shape !== "pair") return scalar(element, value, set, words.value);
    const ends = Array.isArray(value) ? [...value] : ["", ""];
    const end = (at, label) => scalar(element, ends[at], (one) => { ends[at] = one; set([...ends]); }, label);
    return [...end(0, words.low), make("span", { class: "t2" }, words.to), ...end(1, words.high)];
  }

  const blankOf = (type) => (type === "set" ? [] : type === "duration" ? { count: "", unit: "3600" } : type === "bool" ? "true" : "");

  // What stands in a field that nobody has filled in; undefined where there is no field.
  function blank(fact, shape) {
    const one = blankOf(fact.type === "set" ? "code" : fact.type);
    const window = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: "22:00", to: "06:00", time_zone: given.pickers.zone };
    return { nothing: undefined, list: [], pair: [one, one], window, seconds: blankOf("duration"), prefix: "", pattern: "" }[shape] ??
      (shape === "nothing" ? undefined : one);
  }

  const picks = document.getElementById("red-picks");

  // A text field that finds a fact by its label, its other language's label or its name, and picks it.
  function combo(field, name, pick) {
    const shown = () => facts.get(name)?.label ?? name;
    let found = [], at = 0;
    field.value = shown();
    field.setAttribute("aria-controls", "red-picks");
    const matches = (fact, asked) => asked.every((word) => `${fact.label} ${fact.other} ${fact.name}`.toLowerCase().includes(word));
    function mark() {
      picks.querySelectorAll("[role=option]").forEach((option, index) => {
        option.setAttribute("aria-selected", String(index === at));
        if (index !== at) return;
        field.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      });
    }
    function open(query) {
      const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
      found = given.pickers.facts.filter((fact) => matches(fact, asked));
      const exact = found.findIndex((fact) => [fact.label, fact.other, fact.name].some((one) => one.toLowerCase() === query.trim().toLowerCase()));
      at = Math.max(0, exact);
      picks.replaceChildren();
      let group = "";
      found.forEach((fact, index) => {
        if (fact.group !== group) picks.append(make("li", { class: "lab", role: "presentation" }, (group = fact.group)));
        const option = make("li", { role: "option", id: `pick-${index}` }, make("span", {}, fact.label), make("span", { class: "t3 sm" }, fact.other));
        option.addEventListener("click", () => take(fact));
        picks.append(option);
      });
      if (!found.length) picks.append(make("li", { class: "hint", role: "presentation" }, words.none_found));
      if (picks.parentElement !== field.parentElement) field.parentElement.append(picks);
      picks.hidden = false;
      const box = field.getBoundingClientRect();
      picks.classList.toggle("is-up", box.bottom + 310 > window.innerHeight && box.top > 360);
      field.setAttribute("aria-expanded", "true");
      mark();
    }
    function close() {
      picks.hidden = true;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }
    function take(fact) {
      close();
      name = fact.name;
      field.value = fact.label;
      pick(fact);
    }
    field.addEventListener("focus", () => field.select());
    field.addEventListener("click", () => open(""));
    field.addEventListener("input", () => open(field.value));
    field.addEventListener("blur", () => { close(); field.value = shown(); });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || event.altKey) return;
      const isOpen = !picks.hidden && picks.parentElement === field.parentElement;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen) return open("");
        at = Math.min(found.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)));
        mark();
      }
      if (event.key === "Enter") { event.preventDefault(); if (isOpen && found[at]) take(found[at]); else open(""); }
      if (event.key === "Escape" && isOpen) { event.stopPropagation(); close(); field.value = shown(); }
    });
  }
  // A press on the list must not take the focus away before its click is told.
  picks.addEventListener("mousedown", (event) => event.preventDefault());

  window.ruleEditor = { given, words, facts, actions, say, part, clone, make, options, scalar, shaped, weekly, blank, blankOf, combo, picks };
})();
