"use strict";
(() => {
  const number = (cell) => cell.dataset.raw === undefined ? NaN : Number(cell.dataset.raw);

  function sortable(table) {
    table.querySelectorAll("thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows];
        rows.sort((a, b) => {
          const [left, right] = [a.cells[column], b.cells[column]];
          const [x, y] = [number(left), number(right)];
          const order = Number.isNaN(x) || Number.isNaN(y)
            ? Number.isNaN(x) - Number.isNaN(y) || left.textContent.localeCompare(right.textContent)
            : x - y;
          return down ? -order : order;
        });
        body.append(...rows);
      });
    });
  }

  function tooltips() {
    const tip = document.createElement("div");
    tip.id = "tip";
    tip.hidden = true;
    document.body.appendChild(tip);
    document.querySelectorAll(".mark").forEach((mark) => {
      const title = mark.querySelector("title");
      if (!title) return;
      const text = title.textContent;
      mark.setAttribute("aria-label", text);
      title.remove();
      mark.addEventListener("pointermove", (event) => {
        tip.textContent = text;
        tip.hidden = false;
        tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
        tip.style.top = event.clientY + 16 + "px";
      });
      mark.addEventListener("pointerleave", () => { tip.hidden = true; });
    });
  }

  const words = { pass: "meets", unsure: "cannot tell yet", fail: "misses" };

  function buildTable(table, data) {
    const head = table.createTHead().insertRow();
    const add = (label, unit) => {
      const th = document.createElement("th");
      th.scope = "col";
      th.textContent = label;
      if (unit !== undefined) th.className = "num";
      if (unit) {
        const span = document.createElement("span");
        span.className = "unit";
        span.textContent = unit;
        th.append(" ", span);
      }
      head.appendChild(th);
    };
    data.axes.forEach((axis) => add(axis.name));
    const columns = data.columns.slice(0, 9);
    columns.forEach((column) => add(column.label, column.unit));
    add("Verdict");
    const body = table.createTBody();
    const show = (value) => value === null ? "–" : String(Number(value.toPrecision(3)));
    data.ids.forEach((id, index) => {
      const row = body.insertRow();
      row.id = "point-" + id;
      data.axes.forEach((axis) => { row.insertCell().textContent = axis.texts[axis.values[index]]; });
      columns.forEach((column) => {
        const cell = row.insertCell();
        const value = column.values[index];
        cell.className = "num";
        cell.textContent = show(value);
        if (value !== null) cell.dataset.raw = value;
      });
      row.insertCell().textContent = words[data.verdicts[index]] || "–";
    });
  }

  function csv(data) {
    const quote = (text) => /[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
    const head = ["id", ...data.axes.map((axis) => axis.name),
      ...data.columns.map((column) => column.unit ? `${column.name} (${column.unit})` : column.name), "verdict"];
    const lines = [head.map(quote).join(",")];
    data.ids.forEach((id, index) => {
      lines.push([id, ...data.axes.map((axis) => quote(axis.texts[axis.values[index]])),
        ...data.columns.map((column) => column.values[index] === null ? "" : String(column.values[index])),
        words[data.verdicts[index]] || ""].join(","));
    });
    return lines.join("\n") + "\n";
  }

  function points() {
    const source = document.getElementById("points-data");
    const table = document.getElementById("points");
    if (!source || !table) return;
    const data = JSON.parse(source.textContent);
    if (!table.tBodies.length) {
      buildTable(table, data);
      sortable(table);
    }
    document.getElementById("points-tools").hidden = false;
    const count = document.getElementById("points-count");
    const filter = document.getElementById("points-filter");
    const apply = () => {
      const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        const keep = wanted.every((word) => text.includes(word));
        row.hidden = !keep;
        shown += keep;
      }
      count.textContent = `${shown} of ${data.ids.length} points`;
    };
    filter.addEventListener("input", apply);
    apply();
    document.getElementById("points-csv").addEventListener("click", () => {
      const link = document.createElement("a");
      const address = URL.createObjectURL(new Blob([csv(data)], { type: "text/csv" }));
      link.href = address;
      link.download = data.name + ".csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    });
  }

  document.querySelectorAll("table.sortable").forEach(sortable);
  tooltips();
  points();
})();
