// axe-core on reports, in light and dark and narrow, with everything opened: node axe.mjs <axe.min.js> <report.html>...
import { readFileSync } from "node:fs";
import { inPage } from "./page.mjs";

const [axe, ...files] = process.argv.slice(2);
const run = `document.querySelectorAll("details").forEach((part) => { part.open = true; });
axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((result) => done({
  passes: result.passes.length,
  incomplete: result.incomplete.map((rule) => rule.id + " x" + rule.nodes.length),
  violations: result.violations.map((rule) => ({ id: rule.id, help: rule.help, n: rule.nodes.length,
    nodes: rule.nodes.slice(0, 4).map((node) => node.html.slice(0, 160) + "  <- " + (node.any[0] || node.all[0] || node.none[0])?.message) })),
})).catch((error) => done({ violations: [{ id: "error", help: String(error), n: 1, nodes: [] }] }));`;
let wrong = 0;
for (const file of files) {
  for (const [name, address, size] of [["light", "?theme=light", "1280,900"], ["dark", "?theme=dark", "1280,900"], ["narrow", "?theme=light", "400,900"]]) {
    const result = inPage(file, run, { address, size, before: `<script>${readFileSync(axe, "utf8").replaceAll("</script>", "<\\/script>")}</script>` });
    console.log(`${file} ${name}: ${result.violations.length} violations, ${result.passes} rules passed; undecided: ${result.incomplete?.join(", ") || "none"}`);
    for (const rule of result.violations) {
      console.log(`  ${rule.id} x${rule.n}: ${rule.help}`);
      rule.nodes.forEach((node) => console.log(`    ${node}`));
    }
    wrong += result.violations.length;
  }
}
process.exit(wrong ? 1 : 0);
