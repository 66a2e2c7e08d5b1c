// What the script of a report does, in headless Chromium: node interact.mjs <report.html of scenarios/llm-serving.yaml>
import { inPage } from "./page.mjs";

const file = process.argv[2];
const script = `
const checks = {};
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const find = (selector, root = document) => root.querySelector(selector);
const rows = () => all("#points tbody tr");
const type = (text) => { const field = find("#points-filter"); field.value = text; field.dispatchEvent(new Event("input")); };
const pointer = (kind, target, x, y, more) => target.dispatchEvent(new PointerEvent(kind, { bubbles: true, clientX: x, clientY: y, button: 0, pointerType: "mouse", pointerId: 1, ...more }));

// The address asks for the dark theme and for one point.
const asked = decodeURIComponent(location.hash.replace("#point=", ""));
checks["theme from the address"] = document.documentElement.dataset.theme === "dark";
const light = all(".themes button").find((button) => button.value === "light");
light.click();
checks["theme switch"] = document.documentElement.dataset.theme === "light" && light.getAttribute("aria-pressed") === "true";
const picked = () => all("#points tr.picked").map((row) => row.id);
checks["permalink chooses its point"] = picked().join() === "point-" + asked && document.activeElement.hash === "#point=" + asked;
checks["its marks are lit in every chart that has it"] = all(".mark.picked").length > 0 && all(".mark.picked").every((mark) => mark.dataset.p.split(" ").includes(asked));
checks["other marks are dimmed"] = all(".mark.dim").length > 0;
all("#points-tools button").find((button) => button.textContent === "Clear selection").click();
checks["selection is cleared"] = picked().length === 0 && all(".mark.dim").length === 0 && !location.hash;

// Filter and count.
const total = rows().length;
type("h100x1 fp8 concurrency<=8");
checks["filter by words and limits"] = rows().length > 0 && rows().length < total && rows().every((row) => row.textContent.includes("h100x1") && row.textContent.includes("fp8"));
checks["filter is counted"] = find("#points-count").textContent.startsWith(rows().length + " of " + total);
checks["filter dims marks"] = all(".mark.dim").length > 0;
type("");

// Sort.
const heads = all("#points thead th");
const head = heads.find((cell) => cell.classList.contains("num"));
const column = heads.indexOf(head) + 1;
head.querySelector("button").click();
const values = () => rows().map((row) => Number(row.cells[column].dataset.raw)).filter((value) => !Number.isNaN(value));
const rising = (list) => list.every((value, index) => index === 0 || list[index - 1] <= value);
checks["sort says its order"] = head.getAttribute("aria-sort") === "ascending" && rising(values());
head.querySelector("button").click();
checks["and turns"] = head.getAttribute("aria-sort") === "descending" && rising(values().reverse());

// Tips by pointer and keyboard; marks choose rows.
const svg = find("#pareto svg");
const mark = all(".mark[data-p]", svg)[0];
pointer("pointermove", mark, 50, 50);
checks["tip on hover"] = !find("#tip").hidden && find("#tip").textContent === mark.getAttribute("aria-label");
pointer("pointerleave", mark, 50, 50);
checks["tip goes"] = find("#tip").hidden;
checks["one tab stop for each chart"] = all(".chart svg").every((other) => all(".mark[tabindex='0']", other).length <= 1);
mark.focus();
checks["tip on focus"] = !find("#tip").hidden;
mark.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
checks["arrows move"] = document.activeElement !== mark && document.activeElement.classList.contains("mark");
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
checks["enter chooses"] = picked().length === 1;
mark.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
checks["shift adds"] = picked().length === 2;
all("#points-tools button").find((button) => button.textContent === "Clear selection").click();

// Brush.
const box = svg.getBoundingClientRect();
svg.setPointerCapture = () => {};
pointer("pointerdown", svg, box.left + 2, box.top + 2);
pointer("pointermove", svg, box.right - 2, box.bottom - 2);
checks["a rectangle is drawn"] = all(".brush").length === 1;
pointer("pointerup", svg, box.right - 2, box.bottom - 2);
checks["it chooses what is inside"] = all(".brush").length === 0 && picked().length > 10;
const box1 = find("#points tbody input");
box1.click();
checks["a box of a row toggles it"] = box1.checked === find("#points tbody tr").classList.contains("picked");
all("#points-tools button").find((button) => button.textContent === "Clear selection").click();

// Series.
const toggle = find("#pareto .legend button");
toggle.click();
checks["a series is switched off in all charts"] = all("[data-s]").filter((part) => part.dataset.s === toggle.value).every((part) => getComputedStyle(part).display === "none") && toggle.getAttribute("aria-pressed") === "false";
toggle.click();
checks["and on again"] = all("[data-s].off").length === 0;

// Frames.
const frames = all("#heatmap .frame");
if (frames.length) {
  const slider = find("#heatmap input[type=range]");
  slider.value = 2;
  slider.dispatchEvent(new Event("input"));
  checks["frames"] = frames.filter((frame) => !frame.hasAttribute("display")).length === 1 && slider.getAttribute("aria-valuetext") === frames[2].dataset.frame;
} else checks["frames"] = false;

// Download.
let saved = null;
URL.createObjectURL = (blob) => { saved = blob; return "#"; };
type("fp8");
find("#points-csv").click();
if (saved) saved.text().then((text) => { checks["csv holds the rows shown"] = text.trim().split("\\n").length === rows().length + 1; done(checks); });
else { checks["csv holds the rows shown"] = false; done(checks); }
`;
const first = inPage(file, `done(document.querySelector(".mark[data-p]")?.dataset.p.split(" ")[0] || "");`);
const checks = inPage(file, script, { address: `?theme=dark#point=${first}` });
let wrong = 0;
for (const [name, holds] of Object.entries(checks)) {
  console.log(`${holds ? "ok  " : "FAIL"} ${name}`);
  wrong += !holds;
}
process.exit(wrong ? 1 : 0);
