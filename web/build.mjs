// Builds the playground into api/static/graphiql: `node build.mjs [--check] [--examples DIR] [--out DIR]`.

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";

import { built } from "./build/page.mjs";
import { differences, write } from "./build/files.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    examples: { type: "string", default: here("../examples/queries") },
    out: { type: "string", default: here("../api/static/graphiql") },
  },
});

try {
  const files = await built(here("."), options.examples);
  if (options.check) {
    const found = differences(options.out, files);
    for (const sentence of found) console.error(sentence);
    if (found.length) console.error("The built page is not what its sources make: `make web` builds it anew.");
    process.exitCode = found.length ? 1 : 0;
  } else {
    for (const line of write(options.out, files)) console.log(line);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
