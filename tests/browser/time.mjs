// How long a page takes to open: node time.mjs <report.html>... The median of five, from navigation to the load event.
import { statSync } from "node:fs";
import { inPage } from "./page.mjs";

for (const file of process.argv.slice(2)) {
  const times = [];
  for (let run = 0; run < 5; run += 1) {
    // In real time, at the load event, after the script of the report and one layout of the whole page.
    times.push(inPage(file, 'addEventListener("load", () => { document.body.getBoundingClientRect(); done(performance.now()); });', { time: [] }));
  }
  times.sort((a, b) => a - b);
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(2)} MB, ${Math.round(times[2])} ms (${times.map(Math.round).join(", ")})`);
}
