// Tables of figures, and the documents they stand in.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Text of a table whose first column is words and whose others are numbers. */
export function table(header, body) {
  const widths = header.map((_, column) => Math.max(...[header, ...body].map((cells) => cells[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const ruler = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : "-".repeat(width + 1) + ":")).join("|")}|`;
  return [line(header), ruler, ...body.map(line), ""].join("\n");
}

/** Puts `text` where the document says that `make target` writes. */
export function write(path, target, text) {
  const markers = [`<!-- table: made by \`make ${target}\` -->`, "<!-- end of table -->"];
  const document = join(ROOT, path);
  const before = readFileSync(document, "utf8");
  const [start, end] = markers.map((marker) => before.indexOf(marker));
  if (start < 0 || end < start) throw new Error(`${path}: the markers ${markers.join(" and ")} are missing`);
  writeFileSync(document, `${before.slice(0, start + markers[0].length)}\n\n${text}\n${before.slice(end)}`);
}
