// What a live page keeps: node watch-page.mjs <phantom>. `phantom watch` of a scenario followed by a headless Chromium, which
// is read and clicked over its debugging pipe. Ends with 1 and says what is not as it should be.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const phantom = resolve(process.argv[2] || "target/release/phantom");
const chromium = process.env.CHROMIUM || "chromium";
const points = Number(process.env.POINTS || 1000);
const folder = mkdtempSync(join(tmpdir(), "phantom-live-"));
const scenario = join(folder, "scenarios", "live.yaml");
mkdirSync(join(folder, "scenarios"));
const text = (price, more = "") => `schema: phantom/v1
name: live
models: {m: {catalog: llama-3.1-8b}}
hardware: {g: {catalog: h100-sxm5-80gb}, l: {catalog: l40s-48gb}}
workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 16}}}
matrix: {axes: {hardware: [g, l], isl: 16..${points / 20 * 16}+16, concurrency: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]}}
pricing: {currency: USD, as_of: 2026-11-01, rates: {g: {on_demand: ${price} USD/h, source: bench}, l: {on_demand: 1 USD/h, source: bench}}}
slos: {chat: {per_request: {ttft: 2 s, tpot: 50 ms}, attainment: 95%}}
run: [{predict: {method: analytic}}]
${more}`;
writeFileSync(scenario, text("2.000"));

const children = [];
const start = (program, args, options) => {
  const child = spawn(program, args, options);
  children.push(child);
  return child;
};
const end = (code) => {
  children.forEach((child) => child.kill());
  setTimeout(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(code);
  }, 500);
};

const lines = [];
const waiting = [];
const watch = start(phantom, ["watch", "scenarios/live.yaml", "--port", "0", "--format", "jsonl"],
  { cwd: folder, env: { ...process.env, PHANTOM_CACHE_DIR: join(folder, "cache") }, stdio: ["ignore", "pipe", "inherit"] });
createInterface({ input: watch.stdout }).on("line", (line) => {
  lines.push(JSON.parse(line));
  waiting.splice(0).forEach((look) => look());
});
const patience = 120_000;
const soon = (found, what) => new Promise((done, fail) => {
  const timer = setTimeout(() => fail(new Error(`${what} does not come`)), patience);
  const look = () => {
    const value = found();
    if (value) { clearTimeout(timer); done(value); } else waiting.push(look);
  };
  look();
});
const next = (event) => {
  const from = lines.length;
  return soon(() => lines.slice(from).find((line) => line.event === event), event);
};

// Chromium speaks JSON between zero bytes over the pipes 3 and 4.
const browser = start(chromium, ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1280,1600",
  `--user-data-dir=${join(folder, "profile")}`, "--remote-debugging-pipe", "about:blank"],
{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
let number = 0;
let heard = "";
const answers = new Map();
browser.stdio[4].setEncoding("utf8").on("data", (part) => {
  const messages = (heard + part).split("\0");
  heard = messages.pop();
  for (const message of messages.map((one) => JSON.parse(one))) {
    answers.get(message.id)?.(message);
    answers.delete(message.id);
  }
});
const ask = (method, params = {}, sessionId = undefined) => new Promise((done, fail) => {
  number += 1;
  answers.set(number, (message) => (message.error ? fail(new Error(JSON.stringify(message.error))) : done(message.result)));
  browser.stdio[3].write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
});

let failed = 0;
const check = (what, holds, shown = "") => {
  console.log(`${holds ? "ok  " : "FAIL"}  ${what}${holds ? "" : `: ${JSON.stringify(shown)}`}`);
  if (!holds) failed += 1;
};

const main = async () => {
  const { address } = await soon(() => lines.find((line) => line.address), "an address");
  await soon(() => lines.find((line) => line.event === "report"), "a report");
  const { targetInfos } = await ask("Target.getTargets");
  const target = targetInfos.find((one) => one.type === "page").targetId;
  const { sessionId } = await ask("Target.attachToTarget", { targetId: target, flatten: true });
  const run = async (expression) => {
    const answer = await ask("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true }, sessionId);
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  };
  await ask("Runtime.enable", {}, sessionId);
  const shown = next("painted");
  await ask("Page.navigate", { url: address }, sessionId);
  await shown;
  const pause = (ms = 400) => new Promise((done) => setTimeout(done, ms));
  // The page's own script comes after the first frame.
  const until = async (expression) => {
    for (let turn = 0; turn < 300 && !await run(expression); turn += 1) await pause(100);
  };
  await until("document.querySelector('#points-tools:not([hidden])') !== null");

  if (process.env.DEBUG) console.log(await run(process.env.DEBUG));
  const state = `(() => {
    const find = (selector) => document.querySelector(selector);
    const decision = find("table.decision");
    return {
      marker: window.marker || null, tiles: find("#tiles")?.innerText, title: document.title,
      y: Math.round(scrollY), top: Math.round(find("#trust").getBoundingClientRect().top),
      sort: [...decision.querySelectorAll("thead th")].map((one) => one.getAttribute("aria-sort") || "").join(),
      first: decision.tBodies[0].rows[0].textContent, nested: document.querySelectorAll("th button button").length,
      open: [...document.querySelectorAll("details")].filter((one) => one.open).length,
      filter: find("#points-filter").value, count: find("#points-count").textContent, rows: find("#points").tBodies[0].rows.length,
      picked: [...document.querySelectorAll("#points tr.picked")].map((one) => one.id).join(), hash: location.hash,
      themes: document.querySelectorAll(".themes").length, theme: document.documentElement.dataset.theme || "auto",
      legends: document.querySelectorAll(".legend").length, tips: document.querySelectorAll("#tip").length,
      pagers: document.querySelectorAll(".pager").length, focus: document.activeElement.id || "",
      veil: [...document.documentElement.children].map((one) => one.shadowRoot?.querySelector(".veil")?.innerText || "").join(""),
      marks: document.querySelectorAll(".chart .mark[tabindex='0']").length, charts: document.querySelectorAll(".chart svg").length,
    };
  })()`;
  await run(`(() => {
    window.marker = 7;
    const find = (selector) => document.querySelector(selector);
    find(".themes button[value=dark]").click();
    find("table.decision thead th:nth-child(3) button").click();
    find("table.decision thead th:nth-child(3) button").click();
    const filter = find("#points-filter");
    filter.value = "concurrency<=2";
    filter.dispatchEvent(new Event("input", { bubbles: true }));
    find("#points tbody input").click();
    filter.focus({ preventScroll: true });
    find("#money details").open = true;
    scrollTo({ top: find("#money").offsetTop + 120, behavior: "instant" });
  })()`);
  await pause();
  const before = await run(state);
  let painted = next("painted");
  writeFileSync(scenario, text("3.000"));
  await painted;
  await pause();
  const after = await run(state);
  check("the page is the same one", after.marker === 7, after);
  check("its numbers are new", after.tiles !== before.tiles, after.tiles);
  for (const name of ["sort", "open", "filter", "count", "rows", "picked", "hash", "theme", "legends", "focus", "marks", "charts"]) {
    check(`${name} stays`, after[name] === before[name], [before[name], after[name]]);
  }
  check("the place stays", Math.abs(after.top - before.top) <= 2, [before.top, after.top, before.y, after.y]);
  check("nothing is there twice", after.themes === 1 && after.tips === 1 && after.nested === 0 && after.pagers === 1, after);
  check("a row was picked and a table sorted", before.picked !== "" && before.sort.includes("descending"), before);

  let told = next("problem");
  writeFileSync(scenario, text("3.000").replace("h100-sxm5-80gb", "h10"));
  await told;
  await pause();
  check("a problem lies over the page", (await run(state)).veil.includes("unknown-hardware"));
  told = next("report");
  writeFileSync(scenario, text("3.000"));
  await told;
  await pause();
  const mended = await run(state);
  check("and goes when it is mended", mended.veil === "" && mended.marker === 7, mended);

  painted = next("painted");
  writeFileSync(scenario, text("3.000", "report: {title: Another title}\n"));
  await painted;
  await pause();
  const titled = await run(state);
  check("a title is replaced too", titled.title === "Another title" && titled.marker === 7, titled.title);
  check("and the theme has its switch", titled.themes === 1, titled.themes);

  painted = next("painted");
  writeFileSync(scenario, text("3.000", "report: {title: Another title, charts: [cost]}\n"));
  await painted;
  await until("document.querySelector('#points-tools:not([hidden])') !== null");
  await pause();
  const fewer = await run(state);
  check("a page with other sections is loaded anew", fewer.marker === null && fewer.charts === 1, fewer);
  check("at its place, filtered as before", fewer.filter === "concurrency<=2" && fewer.y > 0, fewer);
};
main().then(() => end(failed ? 1 : 0), (error) => { console.error(error); end(1); });
