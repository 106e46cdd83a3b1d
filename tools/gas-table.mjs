#!/usr/bin/env node
// Prints snapshots/gas/*.json beside the original's figures and puts the table into docs/gas.md, between its markers.
// Fails if a goal is missed.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DOCUMENT = join(ROOT, "docs", "gas.md");
const MARKERS = ["<!-- table: made by `make gas` -->", "<!-- end of table -->"];

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

function table(groups) {
  const lines = [];
  for (const [group, body] of groups) {
    const header = [group, "ours", "original", "ratio", "goal"];
    const all = [header, ...body.map(({ cells }) => cells)];
    const widths = header.map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
    const line = (cells) =>
      `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
    const ruler = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : "-".repeat(width + 1) + ":")).join("|")}|`;
    lines.push(line(header), ruler, ...body.map(({ cells }) => line(cells)), "");
  }
  return lines.join("\n");
}

const folder = join(ROOT, "snapshots", "gas");
const groups = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => {
    const group = basename(file, ".json");
    return [group, rows(group, JSON.parse(readFileSync(join(folder, file), "utf8")))];
  });
const text = table(groups);
process.stdout.write(text);

const before = readFileSync(DOCUMENT, "utf8");
const [start, end] = MARKERS.map((marker) => before.indexOf(marker));
if (start < 0 || end < start) throw new Error(`${DOCUMENT}: the markers ${MARKERS.join(" and ")} are missing`);
const after = `${before.slice(0, start + MARKERS[0].length)}\n\n${text}\n${before.slice(end)}`;

writeFileSync(DOCUMENT, after);

for (const name of groups.flatMap(([, body]) => body.map((row) => row.missed))) {
  if (name === undefined) continue;
  console.error(`gas: ${name} misses its goal`);
  process.exitCode = 1;
}
