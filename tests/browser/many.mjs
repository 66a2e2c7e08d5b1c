// A results document with so many points, from the points of another: node many.mjs <results.json> <points> > many.json
import { readFileSync } from "node:fs";

const [file, count] = process.argv.slice(2);
const results = JSON.parse(readFileSync(file, "utf8"));
const from = results.points.filter((point) => Object.keys(point.metrics).length);
results.points = Array.from({ length: Number(count) }, (_, index) => {
  const point = structuredClone(from[index % from.length]);
  const round = Math.floor(index / from.length);
  point.id = (parseInt(point.id.slice(0, 10), 16) + round).toString(16).padStart(12, "0").slice(-12);
  point.key += `,turn=${round}`;
  point.axes.turn = round;
  return point;
});
results.axes.push("turn");
results.planned = results.points.length;
process.stdout.write(JSON.stringify(results));
