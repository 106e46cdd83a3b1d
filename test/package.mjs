#!/usr/bin/env node
// Packs what `npm publish` would, and compiles a consumer against it: a Foundry project elsewhere that depends on us.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const PUBLISHED = /^(src\/.*\.sol|package\.json|README\.md|LICENSE)$/;

const CONSUMER = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IAggregatorV2V3} from "${name}/src/interfaces/IAggregatorV2V3.sol";
import {IOCR2Aggregator} from "${name}/src/interfaces/IOCR2Aggregator.sol";
import {IOffchainAggregator} from "${name}/src/interfaces/IOffchainAggregator.sol";
import {OracleReader} from "${name}/src/libraries/OracleReader.sol";

contract Consumer {
    function read(IAggregatorV2V3 feed, OracleReader.Limits memory limits) external view returns (int256) {
        return OracleReader.readLatest(feed, limits);
    }

    function bounds(IOCR2Aggregator ocr2, IOffchainAggregator ocr1) external view returns (int192, int192) {
        return (ocr2.minAnswer(), ocr1.maxAnswer());
    }
}
`;

const FOUNDRY = `[profile.default]
libs = ["node_modules"]
remappings = ["${name}/=node_modules/${name}/"]
auto_detect_remappings = false
offline = true
`;

function run(command, args, cwd) {
  const env = { ...process.env, FOUNDRY_PROFILE: "default" };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], ROOT));
  const strangers = packed.files.map(({ path }) => path).filter((path) => !PUBLISHED.test(path));
  if (strangers.length !== 0) throw new Error(`files that nobody depends on would be published: ${strangers.join(", ")}`);

  const project = join(folder, "project");
  const installed = join(project, "node_modules", name);
  mkdirSync(installed, { recursive: true });
  mkdirSync(join(project, "src"));
  run("tar", ["-xzf", join(folder, packed.filename), "-C", installed, "--strip-components", "1"], folder);
  writeFileSync(join(project, "foundry.toml"), FOUNDRY);
  writeFileSync(join(project, "src", "Consumer.sol"), CONSUMER);
  run(join(ROOT, "tools", "forge"), ["build", "--root", project], project);
  console.log(`package: ${name} ${packed.version}, ${packed.files.length} files, a consumer compiles`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
