// Pictures of reports: node screenshots.mjs <phantom> <folder> <scenario.yaml>...
// For each scenario that runs: light, dark, 400 px wide, and the pages of the PDF, as PNG of few colours, and an index of all. Of one of
// them also the first pages of its technical document, and the worked examples of templates.
// Needs chromium and pdftoppm (poppler).
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, inPage } from "./page.mjs";
import { crop, read, write } from "./png.mjs";

const LARGEST = 150_000;
const VIEWS = [["light", "?theme=light", 1200, 3200], ["dark", "?theme=dark", 1200, 3200], ["narrow", "?theme=light", 400, 3600]];
const WHOLE = { scenario: "llm-serving", pages: 4 };
const examples = join(dirname(fileURLToPath(import.meta.url)), "../../templates/examples");
const [command, folder, ...scenarios] = process.argv.slice(2);
const phantom = resolve(command);
const work = mkdtempSync(join(tmpdir(), "phantom-shots-"));
const quiet = { stdio: ["ignore", "ignore", "ignore"] };
mkdirSync(folder, { recursive: true });

/** Fewer colours until the picture is small enough; then fewer rows. */
function shrink(from, to, width = Infinity, height = Infinity) {
  const picture = crop(read(from), width, height);
  for (const colours of [64, 32, 16]) if (write(to, picture, colours) <= LARGEST) return;
  while (write(to, crop(picture, picture.width, picture.height -= 200), 16) > LARGEST) ;
}

/** Runs Chromium, again where it crashes: it does now and then, on pages that it shows the next time. */
function browse(words, left = 2) {
  try {
    execFileSync(chromium, words, quiet);
  } catch (error) {
    if (!error.signal || left === 0) throw error;
    browse(words, left - 1);
  }
}

/** The upper part of a page as a browser shows it. */
function picture(page, address, [width, most], file) {
  const height = Math.min(most, inPage(page, "done(document.documentElement.scrollHeight);", { address, size: `${width},900` }));
  const raw = join(work, "raw.png");
  // Windows of Chromium are at least 500 px wide: narrower pages are laid out in a frame.
  const framed = join(work, "framed.html");
  writeFileSync(framed, `<!doctype html><body style="margin:0"><iframe src="file://${page}${address}" style="border:0;width:${width}px;height:${height}px"></iframe>`);
  browse(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files", `--user-data-dir=${join(work, "profile")}`,
    `--window-size=${Math.max(width, 500)},${height}`, `--screenshot=${raw}`, "--virtual-time-budget=5000", `file://${framed}`]);
  shrink(raw, file, width, height);
}

/** The first pages of a document: what they are called, and their files. */
function pages(document, name, words, most = 99) {
  execFileSync("pdftoppm", ["-r", "80", "-l", String(most), "-png", document, join(work, name)], quiet);
  const files = readdirSync(work).filter((file) => file.startsWith(`${name}-`) && file.endsWith(".png")).sort();
  return files.map((file) => {
    const number = Number(/-0*(\d+)\.png$/.exec(file)[1]);
    const shown = `${name}-${number}.png`;
    shrink(join(work, file), join(folder, shown));
    return [`${words} ${number}`, shown];
  });
}

const lines = ["# Reports of the example scenarios", "", "Made by `make screenshots`: each scenario of `scenarios/` that runs in this version, its page in light, dark and 400 px wide, and its PDF.", ""];
for (const scenario of scenarios) {
  const name = basename(scenario, ".yaml");
  const out = join(work, name);
  try {
    execFileSync(phantom, ["run", scenario, "--golden", "off", "--out", out], quiet);
  } catch (error) {
    // 1: findings, with a report. Anything else has none.
    if (error.status !== 1) lines.push(`- \`${scenario}\` does not run in this version.`);
  }
  const page = join(out, "report.html");
  if (!existsSync(page)) continue;
  lines.push(`## ${name}`, "");
  const shown = [];
  for (const [view, address, width, most] of VIEWS) {
    const file = `${name}-${view}.png`;
    picture(page, address, [width, most], join(folder, file));
    shown.push([view, file]);
  }
  if (existsSync(join(out, "report.pdf"))) shown.push(...pages(join(out, "report.pdf"), `${name}-pdf`, "PDF, page"));
  if (name === WHOLE.scenario) {
    const results = join(out, "results.json");
    execFileSync(phantom, ["report", results, "--pdf", join(out, "technical.pdf"), "--template", "technical"], quiet);
    shown.push(...pages(join(out, "technical.pdf"), `${name}-technical`, "technical PDF, page", WHOLE.pages));
    mkdirSync(join(work, "templates"));
    for (const file of ["house.html.j2", "house.typ"]) copyFileSync(join(examples, file), join(work, "templates", file));
    execFileSync(phantom, ["report", results, "--html", "house.html", "--pdf", "house.pdf", "--template", "house"], { ...quiet, cwd: work });
    picture(join(work, "house.html"), "?theme=light", [1200, 1600], join(folder, "house.png"));
    shown.push(["a template of one's own", "house.png"], ...pages(join(work, "house.pdf"), "house-pdf", "the same on paper, page", 1));
  }
  lines.push(...shown.map(([view, file]) => `- [${view}](${file})`), "");
}
writeFileSync(join(folder, "README.md"), lines.join("\n").trimEnd() + "\n");
rmSync(work, { recursive: true, force: true });
