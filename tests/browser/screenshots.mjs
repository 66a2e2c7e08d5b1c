// Pictures of reports: node screenshots.mjs <phantom> <folder> <scenario.yaml>...
// For each scenario that runs: light, dark, 400 px wide, and the pages of the PDF, as PNG of few colours, and an index of all.
// Needs chromium and pdftoppm (poppler).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { inPage } from "./page.mjs";
import { crop, read, write } from "./png.mjs";

const LARGEST = 150_000;
const VIEWS = [["light", "?theme=light", 1200, 3200], ["dark", "?theme=dark", 1200, 3200], ["narrow", "?theme=light", 400, 3600]];
const [phantom, folder, ...scenarios] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "phantom-shots-"));
const quiet = { stdio: ["ignore", "ignore", "ignore"] };
mkdirSync(folder, { recursive: true });

/** Fewer colours until the picture is small enough; then fewer rows. */
function shrink(from, to, width = Infinity, height = Infinity) {
  const picture = crop(read(from), width, height);
  for (const colours of [64, 32, 16]) if (write(to, picture, colours) <= LARGEST) return;
  while (write(to, crop(picture, picture.width, picture.height -= 200), 16) > LARGEST) ;
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
    const height = Math.min(most, inPage(page, "done(document.documentElement.scrollHeight);", { address, size: `${width},900` }));
    const raw = join(work, "raw.png");
    // Windows of Chromium are at least 500 px wide: narrower pages are laid out in a frame.
    const framed = join(work, "framed.html");
    writeFileSync(framed, `<!doctype html><body style="margin:0"><iframe src="file://${page}${address}" style="border:0;width:${width}px;height:${height}px"></iframe>`);
    execFileSync("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files", `--user-data-dir=${join(work, "profile")}`,
      `--window-size=${Math.max(width, 500)},${height}`, `--screenshot=${raw}`, "--virtual-time-budget=5000", `file://${framed}`], quiet);
    const file = `${name}-${view}.png`;
    shrink(raw, join(folder, file), width, height);
    shown.push([view, file]);
  }
  if (existsSync(join(out, "report.pdf"))) {
    execFileSync("pdftoppm", ["-r", "80", "-png", join(out, "report.pdf"), join(work, `${name}-pdf`)], quiet);
    for (const file of readdirSync(work).filter((file) => file.startsWith(`${name}-pdf`)).sort()) {
      shrink(join(work, file), join(folder, file));
      shown.push([`PDF, page ${/-0*(\d+)\.png$/.exec(file)[1]}`, file]);
    }
  }
  lines.push(...shown.map(([view, file]) => `- [${view}](${file})`), "");
}
writeFileSync(join(folder, "README.md"), lines.join("\n").trimEnd() + "\n");
rmSync(work, { recursive: true, force: true });
