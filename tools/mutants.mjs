#!/usr/bin/env node
// Breaks the protocol on purpose, rule by rule (offchain/mutations.json), and writes down which net catches it:
// the step tests, the simulator, or both (docs/mutations.md). Fails if one slips through.
//
// `tools/mutants.mjs --check` only looks whether every rule can still be broken; `tools/mutants.mjs WORD` breaks those
// whose text has that word, and writes nothing.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, write } from "./tables.mjs";

const SCRATCH = join(ROOT, "target/mutants");
// A mutant that waits for ever is caught too.
const TIMEOUT_MS = 100_000;
const SEEDS = 12;
// Those of the machines, of both versions, and of values.
const STEP_TESTS = ["-p", "ocr-protocol", "--test", "machines", "--test", "ocr1", "--test", "median", "--test", "vectors"];

const mutations = JSON.parse(readFileSync(join(ROOT, "offchain/mutations.json"), "utf8"));
const word = process.argv[2];

for (const { rule, file, old } of mutations) {
  const count = readFileSync(join(ROOT, file), "utf8").split(old).length - 1;
  if (count !== 1) fail(`${file} has ${count} places to break "${rule}" at: correct \`old\` in offchain/mutations.json`);
}
if (word === "--check") process.exit();

/** The cargo that runs, with all that it started. */
let running;
process.on("exit", stopRunning);
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

copyOfTheTree();
await build();
const rows = [];
const survivors = [];
for (const mutation of mutations.filter(({ rule, file }) => !word || `${rule} ${file}`.includes(word))) {
  const [steps, simulated] = await withMutation(mutation);
  if (!steps && !simulated) survivors.push(mutation.rule);
  const place = mutation.file.replace("offchain/protocol/src/", "");
  rows.push(`| ${mutation.rule} | \`${place}\` | ${steps || "–"} | ${simulated || "–"} |`);
  console.log(rows.at(-1));
  if (!word) writeTable();
}
if (survivors.length > 0) fail(`${survivors.length} caught by nothing: ${survivors.join("; ")}`);

/** The tree in a scratch folder, where it may be broken. */
function copyOfTheTree() {
  for (const entry of ["Cargo.toml", "Cargo.lock", "docs", "offchain", "vectors"]) {
    rmSync(join(SCRATCH, entry), { recursive: true, force: true });
    mkdirSync(SCRATCH, { recursive: true });
    cpSync(join(ROOT, entry), join(SCRATCH, entry), { recursive: true, filter: (path) => !/\/(target|corpus)$/.test(path) });
  }
}

/** What is not broken compiles and passes; otherwise nothing is shown by what follows. */
async function build() {
  await cargo(["test", "--no-run", ...STEP_TESTS], 0);
  await cargo(["build", "-p", "ocr-sim"], 0);
  const failed = (await stepTests()) || (await simulation());
  if (failed) fail(`without any mutation: ${failed}`);
}

async function withMutation({ rule, file, old, new: broken }) {
  const path = join(SCRATCH, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(old, () => broken));
  try {
    const built = await cargo(["check", "-q", "-p", "ocr-protocol"]);
    if (built.status !== 0) fail(`"${rule}" does not compile:\n${built.stderr}`);
    return [await stepTests(), await simulation()];
  } finally {
    writeFileSync(path, text);
  }
}

/** The first test that fails; nothing if none does. */
async function stepTests() {
  const run = await cargo(["test", "--no-fail-fast", ...STEP_TESTS, "--", "--test-threads=2"]);
  if (run.status === 0) return "";
  const failed = [...run.stdout.matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map(([, name]) => name);
  if (failed.length === 0) return run.isLate ? "does not end" : fail(`cargo test:\n${run.stderr}`);
  return `\`${failed[0]}\`${failed.length > 1 ? ` and ${failed.length - 1} more` : ""}`;
}

/** The first promise that is broken, and by which seed; nothing if none is. */
async function simulation() {
  const run = await cargo(["run", "-q", "-p", "ocr-sim", "--", "--n", "4", "--seeds", String(SEEDS)]);
  if (run.status === 0) return "";
  const seed = run.stdout.match(/^seed (\d+)/m)?.[1];
  const broken = run.stdout.match(/^violation: (\w+)/m)?.[1];
  if (broken) return `${broken}, seed ${seed}`;
  if (run.isLate) return "does not end";
  const panic = run.stderr.match(/panicked at offchain\/(protocol|sim)\S*/)?.[0];
  return panic ? "an assertion" : fail(`ocr-sim:\n${run.stderr}`);
}

/** Runs cargo in a group of its own, so that a test that does not end ends with it. No timeout if `timeout` is 0. */
async function cargo(arguments_, timeout = TIMEOUT_MS) {
  const env = { ...process.env, CARGO_TARGET_DIR: join(SCRATCH, "target"), CARGO_TERM_COLOR: "never" };
  running = spawn("cargo", arguments_, { cwd: SCRATCH, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const run = { stdout: "", stderr: "", isLate: false };
  for (const stream of ["stdout", "stderr"]) running[stream].setEncoding("utf8").on("data", (text) => (run[stream] += text));
  const late = () => {
    run.isLate = true;
    stopRunning();
  };
  const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
  run.status = await new Promise((resolve, reject) => running.on("close", resolve).on("error", reject));
  clearTimeout(timer);
  running = undefined;
  return run;
}

function stopRunning() {
  try {
    if (running) process.kill(-running.pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

function writeTable() {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  const caught = (column) => rows.filter((row) => row.split(" | ")[column].replace(/ \|$/, "") !== "–").length;
  const text = [
    `${rows.length} mutations of commit ${commit}: the step tests catch ${caught(2)}, ${SEEDS} seeds of the simulator ${caught(3)}, nothing ${survivors.length}.`,
    "",
    "| rule | where | step tests | simulator |",
    "|---|---|---|---|",
    ...rows,
    "",
  ];
  write("docs/mutations.md", "mutants", text.join("\n"));
}

function fail(reason) {
  console.error(`mutants: ${reason}`);
  process.exit(1);
}
