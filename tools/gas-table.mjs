#!/usr/bin/env node
// Prints snapshots/gas/*.json beside the original's figures and puts the table into docs/gas.md, and what can be compared
// into README.md, between their markers. Fails if a goal is missed.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT, table, write } from "./tables.mjs";

// Measured on the original in the same scenario, and the share of it that is the most we accept.
const ORIGINAL = {
  OCR2Aggregator: {
    "transmit n=04": { gas: 95_200, goal: 0.91 },
    "transmit n=07": { gas: 104_200, goal: 0.89 },
    "transmit n=16": { gas: 131_900, goal: 0.85 },
    "transmit n=31": { gas: 177_800, goal: 0.8 },
    "setConfig n=31 fresh contract": { gas: 3_050_639, goal: 0.4 },
    "setConfig n=31 same set again": { gas: 746_414, goal: 0.75 },
    "setConfig n=31 all replaced": { gas: 1_987_629, goal: 0.6 },
  },
  OffchainAggregator: {
    "transmit n=04": { gas: 129_100, goal: 0.75 },
    "transmit n=07": { gas: 141_000, goal: 0.74 },
    "transmit n=16": { gas: 176_400, goal: 0.71 },
    "transmit n=31": { gas: 238_400, goal: 0.68 },
    "setConfig n=31 fresh contract": { gas: 3_044_425, goal: 0.4 },
    "setConfig n=31 same set again": { gas: 839_373, goal: 0.75 },
    "setConfig n=31 all replaced": { gas: 2_103_828, goal: 0.6 },
  },
};

const count = (gas) => Number(gas).toLocaleString("en-US");
const ratio = (ours, original) => (ours / original).toFixed(3);

function rows(group, figures) {
  return Object.entries(figures).map(([name, gas]) => {
    const original = ORIGINAL[group]?.[name];
    const compared = original ? [count(original.gas), ratio(gas, original.gas), `≤ ${original.goal}`] : ["", "", ""];
    const missed = original !== undefined && gas / original.gas > original.goal;
    return { cells: [name, count(gas), ...compared], missed: missed ? `${group} ${name}` : undefined };
  });
}

/** Both contracts side by side, in the rows that the original was measured in. */
function comparison(groups) {
  const figures = new Map(groups.map(([group, body]) => [group, new Map(body.map(({ cells }) => [cells[0], cells.slice(1, 4)]))]));
  const header = ["whole transaction, gas", ...Object.keys(ORIGINAL).flatMap((group) => [group, "original", "ratio"])];
  const names = Object.keys(ORIGINAL.OCR2Aggregator).sort();
  return table(header, names.map((name) => [name, ...Object.keys(ORIGINAL).flatMap((group) => figures.get(group).get(name))]));
}

const folder = join(ROOT, "snapshots", "gas");
const groups = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => {
    const group = basename(file, ".json");
    return [group, rows(group, JSON.parse(readFileSync(join(folder, file), "utf8")))];
  });
const text = groups
  .map(([group, body]) => table([group, "ours", "original", "ratio", "goal"], body.map(({ cells }) => cells)))
  .join("\n");
process.stdout.write(text);
write("docs/gas.md", "gas", text);
write("README.md", "gas", comparison(groups));

for (const name of groups.flatMap(([, body]) => body.map((row) => row.missed))) {
  if (name === undefined) continue;
  console.error(`gas: ${name} misses its goal`);
  process.exitCode = 1;
}
