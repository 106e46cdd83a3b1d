#!/usr/bin/env node
// Runs every script for real, as docs/deploying.md says: keystore accounts, an anvil of its own, transactions broadcast.
// Needs a built tree. Leaves nothing behind.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CHAIN_ID = 31337;
const ANVIL_START_MS = 60_000;
const PASSWORD = "of accounts that live for a minute";

/**
 * Starts anvil on a free port. The address is what this very process writes, so no other anvil can answer. It writes to a
 * file: a pipe fills up while a script runs.
 */
async function startAnvil(folder) {
  const log = join(folder, "anvil.log");
  const output = openSync(log, "w");
  const anvil = spawn(join(ROOT, "tools/anvil"), ["--port", "0", "--chain-id", String(CHAIN_ID)], {
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  for (const deadline = Date.now() + ANVIL_START_MS; Date.now() < deadline && anvil.exitCode === null; ) {
    await setTimeout(50);
    const address = /Listening on (127\.0\.0\.1:\d+)/.exec(readFileSync(log, "utf8"))?.[1];
    if (address !== undefined) return { anvil, url: `http://${address}` };
  }
  anvil.kill("SIGKILL");
  throw new Error(`anvil does not listen:\n${readFileSync(log, "utf8")}`);
}

function run(tool, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(join(ROOT, "tools", tool), args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, FOUNDRY_PROFILE: "default", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

function cast(...args) {
  const { status, output } = run("cast", args);
  if (status !== 0) throw new Error(`cast ${args[0]} failed:\n${output}`);
  return output.trim();
}

function check(condition, message, output = "") {
  if (!condition) throw new Error(`${message}\n${output}`);
}

/** A new account with ether, in a keystore. */
function account(url, folder, name) {
  cast("wallet", "new", folder, name, "--unsafe-password", PASSWORD);
  const keystore = join(folder, name);
  const address = cast("wallet", "address", "--keystore", keystore, "--password-file", join(folder, "password"));
  cast("rpc", "anvil_setBalance", address, "0x56bc75e2d63100000", "--rpc-url", url);
  return { keystore, address };
}

/** The example, for this contract, these accounts and the contracts that LocalNetwork will deploy. */
function feedToml(contract, deployer, owner) {
  const created = [0, 1, 2].map((nonce) => cast("compute-address", deployer.address, "--nonce", String(nonce)).split(" ").pop());
  let toml = readFileSync(join(ROOT, "script/feeds/example.toml"), "utf8")
    .replace('contract = "OCR2Aggregator"', `contract = "${contract}"`)
    .replace(/^link = "0x\w+"/m, `link = "${created[0]}"`)
    .replace(/^owner = "0x\w+"/m, `owner = "${owner.address}"`)
    .replace(/^billing_access_controller = "0x\w+"/m, `billing_access_controller = "${created[1]}"`)
    .replace(/^requester_access_controller = "0x\w+"/m, `requester_access_controller = "${created[2]}"`);
  if (contract.endsWith("OffchainAggregator")) {
    toml = toml
      .replace("observation_payment_gjuels", "micro_link_per_eth")
      .replace("transmission_payment_gjuels", "link_gwei_per_observation")
      .replace("accounting_gas", "link_gwei_per_transmission");
  }
  return toml;
}

function runScripts(url, folder, contract, setConfig) {
  const name = `${basename(folder)}-${contract}`;
  const feed = join(folder, `${name}.toml`);
  const deployment = join(ROOT, "deployments", String(CHAIN_ID), `${name}.json`);
  const deployer = account(url, folder, `deployer-${contract}`);
  const owner = account(url, folder, `owner-${contract}`);
  writeFileSync(feed, feedToml(contract, deployer, owner));
  writeFileSync(join(folder, "example.set-config.json"), readFileSync(join(ROOT, setConfig)));

  const script = (scriptName, sender, ...flags) =>
    run(
      "forge",
      ["script", `script/${scriptName}.s.sol`, "--sig", "run(string)", relative(ROOT, feed), "--rpc-url", url,
        "--keystore", sender.keystore, "--password-file", join(folder, "password"), ...flags],
      { FOUNDRY_BROADCAST: join(folder, "broadcast") },
    );
  const broadcast = (scriptName, sender) => {
    const { status, output } = script(scriptName, sender, "--broadcast");
    check(status === 0, `${scriptName} failed`, output);
    console.log(`  ${scriptName}`);
  };
  const refused = (scriptName, sender, reason) => {
    const { status, output } = script(scriptName, sender, "--broadcast");
    check(status !== 0 && output.includes(reason), `${scriptName} should be refused with ${reason}`, output);
    console.log(`  ${scriptName}: ${reason}`);
  };

  console.log(contract);
  try {
    refused("Deploy", deployer, 'NotAContract("link"');
    refused("SetBilling", deployer, "NotDeployed(");
    broadcast("LocalNetwork", deployer);

    const dryRun = script("Deploy", deployer);
    check(dryRun.status === 0, "the dry run of Deploy failed", dryRun.output);
    check(!existsSync(deployment), "a dry run of Deploy wrote the deployment");
    broadcast("Deploy", deployer);
    const { aggregator } = JSON.parse(readFileSync(deployment, "utf8"));
    check(cast("code", aggregator, "--rpc-url", url) !== "0x", `no contract at ${aggregator}`);
    refused("Deploy", deployer, "AlreadyDeployed(");

    refused("Chaincheck", deployer, "ChainDiffers(");
    for (const name of ["SetPayees", "SetConfig", "SetBilling", "SetValidator", "TransferOwnership"]) {
      broadcast(name, deployer);
    }
    refused("AcceptOwnership", deployer, "Must be proposed owner");
    broadcast("AcceptOwnership", owner);
    broadcast("Chaincheck", owner);

    writeFileSync(feed, readFileSync(feed, "utf8").replace("maximum_gas_price_gwei = 100 ", "maximum_gas_price_gwei = 101 "));
    const { status, output } = script("Chaincheck", owner);
    const difference = "DIFFERS  billing.maximum_gas_price_gwei: 100 on chain, 101 in the file";
    check(status !== 0 && output.includes(difference), `Chaincheck should print ${difference}`, output);
    console.log(`  Chaincheck: ${difference}`);
  } finally {
    rmSync(deployment, { force: true });
  }
}

async function main() {
  mkdirSync(join(ROOT, "cache"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "cache", "scripts-"));
  try {
    writeFileSync(join(folder, "password"), PASSWORD);
    const { anvil, url } = await startAnvil(folder);
    try {
      runScripts(url, folder, "AccessControlledOCR2Aggregator", "script/feeds/example.set-config.json");
      runScripts(url, folder, "OffchainAggregator", "test/script/ocr1.set-config.json");
    } finally {
      anvil.kill("SIGKILL");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  () => console.log("scripts: passed"),
  (error) => {
    console.error(`scripts: FAILED: ${error.message}`);
    process.exitCode = 1;
  },
);
