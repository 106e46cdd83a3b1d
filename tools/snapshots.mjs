#!/usr/bin/env node
// Writes what a reviewer should see change: the ABI, the storage layout and the size of every contract that src/ deploys,
// from forge's artifacts, to snapshots/. CI runs it and refuses a difference. Fails if a contract comes near a limit.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAX_RUNTIME_BYTES = 24_576; // EIP-170
const MIN_LEFT_BYTES = 512; // for a fix that cannot wait
const MAX_CREATION_BYTES = 49_152; // EIP-3860

/** Names of the source files below src/, without the extension; a file holds the contract of its name. */
function sourceNames() {
  const excluded = /^(consumers|interfaces|libraries|types)\//;
  return readdirSync(join(ROOT, "src"), { recursive: true })
    .filter((path) => path.endsWith(".sol") && !excluded.test(path))
    .map((path) => path.replace(/^.*\//, "").replace(/\.sol$/, ""))
    .sort();
}

function artifact(name) {
  return JSON.parse(readFileSync(join(ROOT, "out", `${name}.sol`, `${name}.json`), "utf8"));
}

function byteCount(hex) {
  return (hex.length - 2) / 2;
}

function typeName({ type, components }) {
  return type.startsWith("tuple") ? `(${components.map(typeName).join(",")})${type.slice("tuple".length)}` : type;
}

function parameters(list) {
  return list
    .map((p) => [typeName(p), p.indexed ? "indexed" : "", p.name].filter((word) => word !== "").join(" "))
    .join(", ");
}

function abiLine(entry) {
  const mutability = entry.stateMutability === "nonpayable" ? "" : ` ${entry.stateMutability}`;
  switch (entry.type) {
    case "function": {
      const returns = entry.outputs.length === 0 ? "" : ` returns (${parameters(entry.outputs)})`;
      return `function ${entry.name}(${parameters(entry.inputs)})${mutability}${returns}`;
    }
    case "event":
      return `event ${entry.name}(${parameters(entry.inputs)})`;
    case "error":
      return `error ${entry.name}(${parameters(entry.inputs)})`;
    default:
      return `${entry.type}(${parameters(entry.inputs ?? [])})${mutability}`;
  }
}

/** One line a variable: slot, offset and width in bytes, name and type; members of structs below their variable. */
function layoutLines({ storage, types }) {
  const line = (variable, indent) => {
    const { label, numberOfBytes, members } = types[variable.type];
    const place = `${variable.slot.padStart(3)} ${String(variable.offset).padStart(2)} ${numberOfBytes.padStart(4)}`;
    const own = `${indent}${place}  ${variable.label}: ${label}`;
    return [own, ...(members ?? []).flatMap((member) => line(member, `${indent}    `))];
  };
  return storage.flatMap((variable) => line(variable, ""));
}

function write(path, lines) {
  writeFileSync(join(ROOT, "snapshots", path), lines.join("\n") + "\n");
}

const build = spawnSync(join(ROOT, "tools", "forge"), ["build", "--root", ROOT], { stdio: ["ignore", "ignore", "inherit"] });
if (build.status !== 0) process.exit(1);
for (const folder of ["abi", "storage"]) {
  rmSync(join(ROOT, "snapshots", folder), { recursive: true, force: true });
  mkdirSync(join(ROOT, "snapshots", folder), { recursive: true });
}

const sizes = ["runtime creation  left of EIP-170  contract"];
for (const name of sourceNames()) {
  const { abi, bytecode, deployedBytecode, storageLayout } = artifact(name);
  const runtimeBytes = byteCount(deployedBytecode.object);
  if (runtimeBytes === 0) continue; // abstract
  const leftBytes = MAX_RUNTIME_BYTES - runtimeBytes;
  if (leftBytes < MIN_LEFT_BYTES) throw new Error(`${name}: ${runtimeBytes} bytes leave ${leftBytes} of EIP-170's, less than ${MIN_LEFT_BYTES}`);
  const creationBytes = byteCount(bytecode.object);
  if (creationBytes > MAX_CREATION_BYTES) throw new Error(`${name}: ${creationBytes} bytes cannot be deployed (EIP-3860)`);

  write(`abi/${name}.txt`, abi.map(abiLine).sort());
  write(`storage/${name}.txt`, ["slot offset bytes  variable: type", ...layoutLines(storageLayout)]);
  const columns = [[runtimeBytes, 7], [creationBytes, 8], [leftBytes, 16]];
  sizes.push(`${columns.map(([bytes, width]) => String(bytes).padStart(width)).join(" ")}  ${name}`);
}
write("sizes.txt", sizes);
process.stdout.write(sizes.join("\n") + "\n");
