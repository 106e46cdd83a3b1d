#!/usr/bin/env node
// Reads what `cargo bench -p ocr-sim` printed and puts the medians into docs/benchmarks.md.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { execFileSync } from "node:child_process";
import { ROOT, table, write } from "./tables.mjs";

const MICROSECONDS = { ns: 1e-3, "µs": 1, ms: 1e3, s: 1e6 };
const ORACLES = [4, 16, 31];
const VERSIONS = ["ocr1", "ocr2"];

const benches = parsed(readFileSync(process.argv[2], "utf8"));
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();

const rounds = ORACLES.map((n) => [
  String(n),
  ...VERSIONS.flatMap((version) => {
    const { us, allocations } = bench(`round_of_${version}`, n);
    const smallest = bench(`round_of_${version}`, ORACLES[0]);
    return [time(us / n), (us / n / (smallest.us / ORACLES[0])).toFixed(1), (allocations / n).toFixed(0)];
  }),
]);
const kinds = ["NewEpoch", "ObserveReq", "Observe", "ReportReq", "Report", "Final", "FinalEcho"];
const decoding = kinds.map((kind) => [
  kind,
  ...VERSIONS.flatMap((version) => {
    const { us, allocations } = bench(`decode_of_${version}`, kind);
    return [time(us), String(allocations)];
  }),
]);
const simulated = bench("simulated_minute");

write(
  "docs/benchmarks.md",
  "bench",
  [
    `Commit ${commit}, one of ${availableParallelism()} cores, medians.`,
    "",
    table(["round, for each of n oracles", ...VERSIONS.flatMap((it) => [it.toUpperCase(), "to n = 4", "allocations"])], rounds),
    table(["decode, n = 31", ...VERSIONS.flatMap((it) => [it.toUpperCase(), "allocations"])], decoding),
    `A simulated minute of four oracles: ${time(simulated.us)}, ${Math.round(60e6 / simulated.us).toLocaleString("en-US")} times as fast as the world.`,
    "",
  ].join("\n"),
);

function bench(name, argument = "") {
  const found = benches.get(`${name} ${argument}`.trim());
  if (!found) throw new Error(`${process.argv[2]} has no ${name} ${argument}: was it all of \`cargo bench -p ocr-sim\`?`);
  return found;
}

function time(us) {
  const [value, unit] = us >= 1000 ? [us / 1000, "ms"] : us >= 1 ? [us, "µs"] : [us * 1000, "ns"];
  return `${value.toPrecision(3)} ${unit}`;
}

/** Median time and allocations of each benchmark, from divan's tree. */
function parsed(text) {
  const found = new Map();
  let [group, current, wanted] = ["", undefined, false];
  for (const line of text.split("\n")) {
    const columns = line.split("│").map((column) => column.trim());
    const [, indent, name, rest] = line.match(/^(│ {2}| {3})?[├╰]─ (\S+)(.*)$/) ?? [];
    if (name !== undefined) {
      group = indent === undefined ? name : group;
      const median = rest.split("│")[2]?.trim().match(/^([\d.]+) (ns|µs|ms|s)$/);
      if (!median) continue;
      current = { us: Number(median[1]) * MICROSECONDS[median[2]], allocations: 0 };
      found.set(indent === undefined ? name : `${group} ${name}`, current);
    } else if (wanted) {
      current.allocations = Number(columns.at(-4));
    }
    wanted = columns.includes("alloc:");
  }
  return found;
}
