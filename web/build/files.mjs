// Writes the built files with their compressed twins, and compares them with those that are there.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

const COMPRESSED = /\.(html|js|css|svg)$/;
const UNKNOWN_SYSTEM = 255;

/** Compresses without time and operating system in the header, so that the same bytes give the same bytes. */
function compressed(bytes) {
  const twin = gzipSync(bytes, { level: 9 });
  twin.writeUInt32LE(0, 4);
  twin[9] = UNKNOWN_SYSTEM;
  return twin;
}

const kilobytes = (bytes) => `${(bytes.length / 1024).toFixed(1)} KB`;

/** Writes the files (name -> bytes) in place of an earlier build, and returns a line on each. */
export function write(folder, files) {
  mkdirSync(folder, { recursive: true });
  const earlier = readdirSync(folder);
  if (earlier.length && !earlier.includes("app.js")) throw new Error(`${folder} holds something else than the page.`);
  for (const name of earlier) rmSync(join(folder, name));
  return [...files].map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    if (!COMPRESSED.test(name)) return `${name}: ${kilobytes(bytes)}`;
    const twin = compressed(bytes);
    writeFileSync(join(folder, `${name}.gz`), twin);
    return `${name}: ${kilobytes(bytes)}, compressed ${kilobytes(twin)}`;
  });
}

/**
 * Returns a sentence on each file of a folder that differs from what was built. Twins are compared by what they hold:
 * versions of zlib compress differently.
 */
export function differences(folder, files) {
  const expected = new Map();
  for (const [name, bytes] of files) {
    expected.set(name, bytes);
    if (COMPRESSED.test(name)) expected.set(`${name}.gz`, bytes);
  }
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const sentences = present.filter((name) => !expected.has(name)).map((name) => `${name} is built no longer.`);
  for (const [name, bytes] of expected) {
    if (!present.includes(name)) sentences.push(`${name} is missing.`);
    else if (!bytes.equals(contents(join(folder, name)))) sentences.push(`${name} differs from its sources.`);
  }
  return sentences.sort();
}

function contents(path) {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}
