// Opens a page in headless Chromium with a script added at its end, and prints what that script leaves in `#outcome`.
// Needs nothing but Chromium: that of CHROMIUM, else the first that is on the path.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const onPath = (name) => process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, name)));
/** What Chromium is called here. */
export const chromium = process.env.CHROMIUM ?? ["chromium", "chromium-browser", "google-chrome"].find(onPath) ?? "chromium";

/** The JSON that `script` hands to `done(value)`; the page stands at `?theme=…` and `#…` of `address`. */
export function inPage(file, script, { address = "", size = "1280,900", time = ["--virtual-time-budget=60000"], before = "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "phantom-page-"));
  try {
    const page = readFileSync(file, "utf8");
    const outcome = `<script>const done = (value) => {
      const out = document.createElement("script"); out.type = "application/json"; out.id = "outcome";
      out.textContent = JSON.stringify(value).replaceAll("<", "\\\\u003c"); document.documentElement.replaceChildren(out); };
      ${script}</script>`;
    const copy = join(folder, "page.html");
    writeFileSync(copy, page.replace("<head>", () => `<head>${before}`).replace("</html>", () => `${outcome}</html>`));
    const dom = execFileSync(chromium, ["--headless", "--no-sandbox", "--disable-gpu", `--window-size=${size}`,
      "--hide-scrollbars", `--user-data-dir=${join(folder, "profile")}`, ...time,
      "--dump-dom", `file://${copy}${address}`], { encoding: "utf8", maxBuffer: 1 << 28, timeout: 120_000, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "ignore"] });
    const found = /<script type="application\/json" id="outcome">(.*?)<\/script>/s.exec(dom);
    if (!found) throw new Error(`${file}: the page left no outcome`);
    return JSON.parse(found[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
