// The interactive layer of the report. Without it the page is complete: charts are static SVG and every chart has its
// table. It loads nothing, keeps nothing but the theme (in the session of the tab), and writes the chosen point into the
// address so that a link to it can be shared.
"use strict";
(() => {
  const PAGE = 200;
  const MOST_SERIES = 24;
  const words = { pass: "meets", unsure: "cannot tell yet", fail: "misses" };
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, fields = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(fields)) {
      if (name in element && !name.includes("-")) element[name] = value; else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  // Theme: auto, light or dark; remembered for the tab, or asked for by `?theme=dark`.
  function theme() {
    const root = document.documentElement;
    const stored = () => { try { return sessionStorage.getItem("theme"); } catch { return null; } };
    const group = make("div", { className: "themes", role: "group" });
    group.setAttribute("aria-label", "Theme");
    const apply = (name) => {
      if (name === "auto") delete root.dataset.theme; else root.dataset.theme = name;
      for (const button of group.children) button.setAttribute("aria-pressed", String(button.value === name));
      try { sessionStorage.setItem("theme", name); } catch { /* a page without storage forgets it */ }
    };
    for (const name of ["auto", "light", "dark"]) {
      const button = make("button", { type: "button", value: name }, name[0].toUpperCase() + name.slice(1));
      button.addEventListener("click", () => apply(name));
      group.append(button);
    }
    const asked = new URLSearchParams(location.search).get("theme") || stored();
    apply(["light", "dark"].includes(asked) ? asked : "auto");
    const show = () => { if (!group.isConnected) find("header")?.prepend(group); };
    show();
    return show;
  }

  // Tables that sort: the heads become buttons that say the order.
  const number = (cell) => cell.dataset.raw === undefined ? NaN : Number(cell.dataset.raw);
  const compare = (x, y, left, right) => Number.isNaN(x) || Number.isNaN(y)
    ? Number.isNaN(x) - Number.isNaN(y) || left.localeCompare(right)
    : x - y;

  function heads(table, skip, sort) {
    all("thead th", table).slice(skip).forEach((head, column) => {
      const button = make("button", { type: "button" });
      while (head.firstChild) button.append(head.firstChild);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(column, down);
      });
    });
  }

  function sortable(table) {
    if (table.tBodies[0]?.rows.length < 2) return;
    heads(table, 0, (column, down) => {
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => {
        const [left, right] = [a.cells[column], b.cells[column]];
        const order = compare(number(left), number(right), left.textContent, right.textContent);
        return down ? -order : order;
      });
      body.append(...rows);
    });
  }

  // Marks of charts: a tip for pointer and keyboard. One mark of a chart is a tab stop, arrows go to the others.
  const marksOf = new Map();
  function marks(select) {
    const tip = make("div", { id: "tip", hidden: true, role: "tooltip" });
    document.body.append(tip);
    const show = (mark, x, y) => {
      tip.textContent = mark.getAttribute("aria-label");
      tip.hidden = false;
      tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - tip.offsetWidth - 8)) + "px";
      tip.style.top = Math.min(y + 16, innerHeight - tip.offsetHeight - 8) + "px";
    };
    const hide = () => { tip.hidden = true; };
    addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
    return (root) => all(".chart svg", root).forEach((svg) => {
      const inside = all(".mark", svg).filter((mark) => find("title", mark));
      if (!inside.length) return;
      // A picture hides what is in it from assistive technology; a group does not.
      svg.setAttribute("role", "group");
      inside.forEach((mark) => {
        const title = find("title", mark);
        mark.setAttribute("role", "img");
        mark.setAttribute("aria-label", title.textContent);
        title.remove();
        mark.setAttribute("tabindex", "-1");
        const ids = (mark.dataset.p || "").split(" ").filter(Boolean);
        ids.forEach((id) => marksOf.set(id, [...marksOf.get(id) || [], mark]));
        mark.addEventListener("pointermove", (event) => show(mark, event.clientX, event.clientY));
        mark.addEventListener("pointerleave", hide);
        mark.addEventListener("focus", () => {
          const box = mark.getBoundingClientRect();
          show(mark, box.right, box.bottom);
        });
        mark.addEventListener("blur", hide);
        if (ids.length) mark.addEventListener("click", (event) => select(ids, event.shiftKey || event.ctrlKey || event.metaKey));
      });
      inside[0].setAttribute("tabindex", "0");
      svg.addEventListener("keydown", (event) => {
        const mark = event.target.closest(".mark");
        if (!mark) return;
        if (event.key === "Enter" || event.key === " ") {
          const ids = (mark.dataset.p || "").split(" ").filter(Boolean);
          if (ids.length) select(ids, event.shiftKey || event.key === " ");
          return event.preventDefault();
        }
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        const reachable = inside.filter((other) => other.getClientRects().length);
        const at = reachable.indexOf(mark);
        const next = event.key === "Home" ? reachable[0] : event.key === "End" ? reachable.at(-1)
          : step ? reachable[(at + step + reachable.length) % reachable.length] : null;
        if (!next) return;
        inside.forEach((other) => other.setAttribute("tabindex", "-1"));
        next.setAttribute("tabindex", "0");
        next.focus();
        event.preventDefault();
      });
    });
  }

  // A rectangle drawn over a chart chooses the marks inside it.
  function brush(select, root) {
    all(".chart svg", root).forEach((svg) => {
      if (!find("[data-p]", svg)) return;
      let start = null;
      let box = null;
      const edges = (event) => ({
        left: Math.min(start.x, event.clientX), right: Math.max(start.x, event.clientX),
        top: Math.min(start.y, event.clientY), bottom: Math.max(start.y, event.clientY),
      });
      svg.addEventListener("pointerdown", (event) => {
        if (event.button === 0 && event.pointerType === "mouse") start = { x: event.clientX, y: event.clientY };
      });
      svg.addEventListener("pointermove", (event) => {
        if (!start) return;
        const { left, right, top, bottom } = edges(event);
        if (!box && right - left < 6 && bottom - top < 6) return;
        if (!box) {
          box = make("div", { className: "brush" });
          document.body.append(box);
          svg.setPointerCapture(event.pointerId);
        }
        Object.assign(box.style, { left: left + "px", top: top + "px", width: right - left + "px", height: bottom - top + "px" });
        event.preventDefault();
      });
      const end = (event) => {
        if (box) {
          const { left, right, top, bottom } = edges(event);
          const ids = all("[data-p]", svg).filter((mark) => {
            const area = mark.getBoundingClientRect();
            const [x, y] = [(area.left + area.right) / 2, (area.top + area.bottom) / 2];
            return area.width && left <= x && x <= right && top <= y && y <= bottom;
          }).flatMap((mark) => mark.dataset.p.split(" "));
          select(ids, event.shiftKey || event.ctrlKey || event.metaKey, true);
          box.remove();
        }
        start = box = null;
      };
      svg.addEventListener("pointerup", end);
      svg.addEventListener("pointercancel", () => { box?.remove(); start = box = null; });
    });
  }

  // Legends: a switch for each series, in all charts at once.
  function legends() {
    const off = new Set();
    const apply = () => {
      all("[data-s]").forEach((part) => part.classList.toggle("off", off.has(part.dataset.s)));
      all(".legend button").forEach((button) => button.setAttribute("aria-pressed", String(!off.has(button.value))));
    };
    return (root) => {
      all(".chart", root).forEach((chart) => switches(chart));
      if (off.size) apply();
    };
    function switches(chart) {
      const inks = new Map();
      all("[data-s]", chart).forEach((part) => {
        const ink = all("*", part).map((shape) => /[flt]-(s\d)\b/.exec(shape.getAttribute("class") || "")?.[1]).find(Boolean);
        if (!inks.get(part.dataset.s)) inks.set(part.dataset.s, ink);
      });
      if (inks.size < 2 || inks.size > MOST_SERIES) return;
      const legend = make("div", { className: "legend", role: "group" });
      legend.setAttribute("aria-label", "Series shown");
      [...inks.keys()].sort().forEach((name) => {
        const swatch = make("span", { className: "swatch " + (inks.get(name) || ""), "aria-hidden": "true" });
        const button = make("button", { type: "button", value: name, "aria-pressed": "true" }, swatch, name);
        button.addEventListener("click", () => { if (!off.delete(name)) off.add(name); apply(); });
        legend.append(button);
      });
      find("svg", chart).after(legend);
    }
  }

  // Frames of a chart: a slider and a button that plays them, unless the reader wants no motion.
  function frames(root) {
    all(".chart", root).forEach((chart) => {
      const parts = all(".frame", chart);
      if (parts.length < 2) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const id = chart.id + "-frame";
      const slider = make("input", { type: "range", id, min: 0, max: parts.length - 1, value: 0, step: 1 });
      const name = make("output", { htmlFor: id });
      const play = make("button", { type: "button", "aria-pressed": "false" }, "Play");
      let timer = 0;
      const show = (at) => {
        parts.forEach((part, index) => {
          if (index === at) part.removeAttribute("display"); else part.setAttribute("display", "none");
        });
        slider.value = at;
        slider.setAttribute("aria-valuetext", parts[at].dataset.frame);
        name.textContent = parts[at].dataset.frame;
        const stop = all(".mark", parts[at])[0];
        all(".mark", chart).forEach((mark) => mark.setAttribute("tabindex", mark === stop ? "0" : "-1"));
      };
      const halt = () => {
        clearInterval(timer);
        timer = 0;
        play.textContent = "Play";
        play.setAttribute("aria-pressed", "false");
      };
      slider.addEventListener("input", () => { halt(); show(Number(slider.value)); });
      play.addEventListener("click", () => {
        if (timer) return halt();
        play.textContent = "Pause";
        play.setAttribute("aria-pressed", "true");
        timer = setInterval(() => (chart.isConnected ? show((Number(slider.value) + 1) % parts.length) : halt()), 900);
      });
      const tools = make("div", { className: "frames" }, make("label", { htmlFor: id }, "Load"), slider, name);
      if (!still) tools.append(play);
      find("svg", chart).after(tools);
      addEventListener("beforeprint", () => { halt(); show(0); });
      show(0);
    });
  }

  // All points: rows in pages, sort, filter, selection, permalinks, CSV; `before` is what the reader did to an older table.
  function points(before) {
    const source = document.getElementById("points-data");
    const table = document.getElementById("points");
    if (!source || !table) return null;
    const data = JSON.parse(source.textContent);
    const size = data.ids.length;
    const place = new Map(data.ids.map((id, index) => [id, index]));
    const columns = data.columns.slice(0, 9);
    const written = table.tBodies.length ? [...table.tBodies[0].rows] : null;
    if (!written) head(table, data, columns);
    const label = (index) => data.axes.map((axis) => axis.texts[axis.values[index]]).join(" ") || data.ids[index];
    find("thead tr", table).prepend(make("td"));
    const body = table.tBodies[0] || table.createTBody();
    const rows = new Array(size);
    const chosen = new Set();
    let order = data.ids.map((_, index) => index);
    let kept = order;
    let page = 0;

    const row = (index) => {
      if (rows[index]) return rows[index];
      const line = written ? written[index] : cells(data, columns, index);
      const box = make("input", { type: "checkbox", checked: chosen.has(index) });
      box.setAttribute("aria-label", "Select " + label(index));
      box.addEventListener("change", () => { if (box.checked) chosen.add(index); else chosen.delete(index); changed(); });
      const link = make("a", { className: "perma", href: "#point=" + data.ids[index] }, "#");
      link.setAttribute("aria-label", "Link to " + label(index));
      line.prepend(make("td", { className: "pick" }, box, link));
      line.addEventListener("pointerenter", () => hover(index, true));
      line.addEventListener("pointerleave", () => hover(index, false));
      rows[index] = line;
      return line;
    };
    const hover = (index, on) => (marksOf.get(data.ids[index]) || []).forEach((mark) => mark.classList.toggle("hot", on));

    // Text of a point for words of the filter, made once.
    const texts = data.ids.map((id, index) => `${label(index)} ${words[data.verdicts[index]] || ""} ${restsOn(data, index)} ${id}`.toLowerCase());
    const named = (name) => data.columns.find((column) => column.name === name)
      || data.axes.filter((axis) => axis.name.split(".").at(-1) === name)
        .map((axis) => ({ values: axis.values.map((value) => Number.parseFloat(axis.texts[value])) }))[0];
    const test = (word) => {
      const [, name, sign, limit] = /^([a-z_0-9.]+)(<=|>=|<|>|=)(-?[\d.]+)$/.exec(word) || [];
      const column = name && named(name);
      if (!column) return (index) => texts[index].includes(word);
      const right = Number(limit);
      const holds = { "<": (x) => x < right, "<=": (x) => x <= right, ">": (x) => x > right, ">=": (x) => x >= right, "=": (x) => x === right }[sign];
      return (index) => column.values[index] !== null && holds(column.values[index]);
    };

    const count = document.getElementById("points-count");
    const filter = document.getElementById("points-filter");
    const tools = document.getElementById("points-tools");
    const clear = make("button", { type: "button", hidden: true }, "Clear selection");
    const only = make("button", { type: "button", hidden: true, "aria-pressed": "false" }, "Selected only");
    count.before(only, clear, " ");
    const back = make("button", { type: "button" }, "Previous");
    const on = make("button", { type: "button" }, "Next");
    const where = make("span");
    const pager = make("div", { className: "pager", hidden: true }, back, where, on);
    table.closest(".scroll").after(pager);

    const draw = () => {
      const from = page * PAGE;
      body.replaceChildren(...kept.slice(from, from + PAGE).map(row));
      pager.hidden = kept.length <= PAGE;
      where.textContent = ` ${from + 1}–${Math.min(from + PAGE, kept.length)} of ${kept.length} `;
      back.disabled = page === 0;
      on.disabled = from + PAGE >= kept.length;
    };
    const dim = () => {
      const few = kept.length < size;
      const shown = few ? new Set(kept) : null;
      marksOf.forEach((list, id) => {
        const index = place.get(id);
        list.forEach((mark) => {
          mark.classList.toggle("picked", chosen.has(index));
          mark.classList.toggle("dim", few ? !shown.has(index) : chosen.size > 0 && !chosen.has(index));
        });
      });
    };
    const apply = () => {
      const tests = filter.value.toLowerCase().split(/\s+/).filter(Boolean).map(test);
      const alone = only.getAttribute("aria-pressed") === "true";
      kept = order.filter((index) => tests.every((holds) => holds(index)) && (!alone || chosen.has(index)));
      page = 0;
      draw();
      status();
      dim();
    };
    const status = () => {
      const picked = chosen.size ? `, ${chosen.size} selected` : "";
      count.textContent = `${kept.length} of ${size} points${picked}`;
      clear.hidden = only.hidden = chosen.size === 0;
    };
    const changed = () => {
      if (!chosen.size) only.setAttribute("aria-pressed", "false");
      rows.forEach((line, index) => {
        line.classList.toggle("picked", chosen.has(index));
        find("input", line).checked = chosen.has(index);
      });
      if (only.getAttribute("aria-pressed") === "true") apply();
      status();
      dim();
      if (chosen.size === 1) history.replaceState(null, "", "#point=" + data.ids[[...chosen][0]]);
      else if (location.hash.startsWith("#point=")) history.replaceState(null, "", location.pathname + location.search);
    };

    const value = (column, index) => {
      if (column < data.axes.length) {
        const text = data.axes[column].texts[data.axes[column].values[index]];
        return [text === "" ? NaN : Number(text), text];
      }
      const at = column - data.axes.length;
      if (at > columns.length) return [NaN, restsOn(data, index)];
      if (at === columns.length) return [NaN, words[data.verdicts[index]] || ""];
      const own = columns[at].values[index];
      return [own === null ? NaN : own, ""];
    };
    heads(table, 0, (column, down) => {
      order = data.ids.map((_, index) => index).sort((a, b) => {
        const [[x, left], [y, right]] = [value(column, a), value(column, b)];
        const way = compare(x, y, left, right) || a - b;
        return down ? -way : way;
      });
      apply();
    });
    back.addEventListener("click", () => { page -= 1; draw(); });
    on.addEventListener("click", () => { page += 1; draw(); });
    filter.addEventListener("input", apply);
    clear.addEventListener("click", () => { chosen.clear(); changed(); apply(); filter.focus(); });
    only.addEventListener("click", () => {
      only.setAttribute("aria-pressed", String(only.getAttribute("aria-pressed") !== "true"));
      apply();
    });
    document.getElementById("points-csv").addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob([csv(data, kept)], { type: "text/csv" }));
      make("a", { href: address, download: data.name + ".csv" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    });
    const show = (index) => {
      if (!kept.includes(index)) { filter.value = ""; only.setAttribute("aria-pressed", "false"); apply(); }
      page = Math.floor(kept.indexOf(index) / PAGE);
      draw();
      const line = row(index);
      line.scrollIntoView({ block: "center" });
      find("a.perma", line).focus({ preventScroll: true });
    };
    const follow = () => {
      const index = place.get(decodeURIComponent(/^#point[=-](.+)$/.exec(location.hash)?.[1] || ""));
      if (index === undefined) return;
      chosen.clear();
      chosen.add(index);
      show(index);
      changed();
    };
    tools.hidden = false;
    if (before) {
      before.chosen.forEach((id) => { if (place.has(id)) chosen.add(place.get(id)); });
      filter.value = before.filter;
      only.setAttribute("aria-pressed", String(before.only && chosen.size > 0));
      const button = find("button", all("thead th", table)[before.sort] || make("p"));
      for (let turn = 0; button && turn < before.turns; turn += 1) button.click();
    }
    apply();
    if (before) {
      page = Math.max(0, Math.min(before.page, Math.ceil(kept.length / PAGE) - 1));
      draw();
      changed();
    }
    return {
      dim,
      state() {
        const heads = all("thead th", table);
        const sort = heads.findIndex((one) => one.hasAttribute("aria-sort"));
        return {
          chosen: [...chosen].map((index) => data.ids[index]), filter: filter.value, page, sort,
          only: only.getAttribute("aria-pressed") === "true",
          turns: sort < 0 ? 0 : heads[sort].getAttribute("aria-sort") === "ascending" ? 1 : 2,
        };
      },
      select(ids, add, many) {
        const indices = ids.map((id) => place.get(id)).filter((index) => index !== undefined);
        const same = !many && chosen.size === indices.length && indices.every((index) => chosen.has(index));
        if (!add) chosen.clear();
        if (!same) indices.forEach((index) => { if (add && !many && chosen.has(index)) chosen.delete(index); else chosen.add(index); });
        changed();
      },
      follow,
    };
  }

  function head(table, data, columns) {
    const line = table.createTHead().insertRow();
    const add = (text, unit) => {
      const cell = make("th", { scope: "col" }, text);
      if (unit !== undefined) cell.className = "num";
      if (unit) cell.append(" ", make("span", { className: "unit" }, unit));
      line.append(cell);
    };
    data.axes.forEach((axis) => add(axis.name.split(".").at(-1).replaceAll("_", " ")));
    columns.forEach((column) => add(column.label, column.unit));
    add("Verdict");
    add("Rests on");
  }

  const restsOn = (data, index) => data.rests.texts[data.rests.values[index]];
  const short = (value) => value === null ? "–" : String(Number(value.toPrecision(3)));
  function cells(data, columns, index) {
    const line = make("tr", { id: "point-" + data.ids[index] });
    data.axes.forEach((axis, at) => {
      line.append(make(at ? "td" : "th", at ? {} : { scope: "row" }, axis.texts[axis.values[index]]));
    });
    columns.forEach((column) => line.append(make("td", { className: "num" }, short(column.values[index]))));
    const verdict = data.verdicts[index];
    const text = words[verdict] ? make("span", { className: "verdict " + verdict },
      make("span", { className: "glyph", "aria-hidden": "true" }), make("span", { className: "word" }, words[verdict])) : "–";
    line.append(make("td", {}, text), make("td", {}, restsOn(data, index)));
    return line;
  }

  function csv(data, kept) {
    const quote = (text) => /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
    const first = ["id", ...data.axes.map((axis) => axis.name),
      ...data.columns.map((column) => column.unit ? `${column.name} (${column.unit})` : column.name), "verdict", "rests on"];
    const lines = kept.map((index) => [data.ids[index],
      ...data.axes.map((axis) => quote(axis.texts[axis.values[index]])),
      ...data.columns.map((column) => column.values[index] === null ? "" : String(column.values[index])),
      words[data.verdicts[index]] || "", quote(restsOn(data, index))].join(","));
    return [first.map(quote).join(","), ...lines].join("\n") + "\n";
  }

  const showTheme = theme();
  const table = { select() {}, follow() {}, dim() {}, state() { return null; } };
  const wireMarks = marks((...chosen) => table.select(...chosen));
  const wireLegends = legends();
  const plain = (root) => all("table:not(.matrix)", root).filter((one) => one.id !== "points");
  const wire = (root) => {
    plain(root).forEach(sortable);
    wireMarks(root);
    brush((...chosen) => table.select(...chosen), root);
    wireLegends(root);
    frames(root);
  };
  // The section of all points as it was written.
  const around = () => document.getElementById("points")?.closest("section");
  const written = () => [...around()?.childNodes || []].map((node) => node.cloneNode(true));
  let bare = written();
  wire(document);
  Object.assign(table, points());
  table.follow();
  addEventListener("hashchange", () => table.follow());

  // Pieces of an open page were replaced, as `phantom watch` does: they take over what the reader did to those before.
  const takeOver = (old, fresh) => {
    const tables = plain(fresh);
    plain(old).forEach((one, index) => {
      const sorted = all("thead th", one).findIndex((other) => other.hasAttribute("aria-sort"));
      const button = sorted >= 0 && tables[index] && find("button", all("thead th", tables[index])[sorted] || make("p"));
      if (!button) return;
      button.click();
      if (all("thead th", one)[sorted].getAttribute("aria-sort") === "descending") button.click();
    });
    all(".frames input", old).forEach((slider) => {
      const other = document.getElementById(slider.id);
      if (!other) return;
      other.value = slider.value;
      other.dispatchEvent(new Event("input"));
    });
  };
  const renewPoints = () => {
    const state = table.state();
    const section = around();
    const left = section && find(".scroll", section)?.scrollLeft;
    const held = section?.contains(document.activeElement) && document.activeElement.id;
    section?.replaceChildren(...bare.map((node) => node.cloneNode(true)));
    Object.assign(table, points(state));
    if (section && find(".scroll", section)) find(".scroll", section).scrollLeft = left;
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
  };
  document.addEventListener("phantom:replaced", (event) => {
    event.preventDefault();
    showTheme();
    marksOf.forEach((list, id) => marksOf.set(id, list.filter((mark) => mark.isConnected)));
    for (const { old, fresh } of event.detail) {
      if (!fresh) continue;
      wire(fresh);
      takeOver(old, fresh);
    }
    const renewed = event.detail.some(({ fresh }) => fresh && fresh === around());
    if (renewed) {
      bare = written();
      renewPoints();
    } else if (event.detail.some(({ piece }) => piece.id === "points-data")) {
      // A table out of sight need not hold up the frame.
      requestAnimationFrame(() => setTimeout(renewPoints));
    } else {
      table.dim();
    }
  });
  addEventListener("beforeprint", () => all("details").forEach((part) => { if (!part.open && !part.closest(".chart")) { part.open = true; part.dataset.opened = ""; } }));
  addEventListener("afterprint", () => all("details[data-opened]").forEach((part) => { part.open = false; delete part.dataset.opened; }));
})();
