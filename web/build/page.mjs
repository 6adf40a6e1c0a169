// Bundles the page's script and style, and gathers the files that stand beside them.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import { examples } from "./examples.mjs";
import { licences } from "./licences.mjs";

/** Returns the files of the page, name -> bytes, sorted by name. */
export async function built(web, examplesFolder) {
  const result = await build({
    absWorkingDir: web,
    entryPoints: { app: "src/main.jsx" },
    outdir: "out",
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none", // LICENSES.txt has them whole
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".graphql": "text" },
    metafile: true,
    logLevel: "silent",
    plugins: [tutorial(examples(examplesFolder)), systemFonts],
  });
  const files = result.outputFiles.map((file) => [file.path.split(/[\\/]/).at(-1), Buffer.from(file.contents)]);
  for (const name of ["favicon.svg", "index.html"]) files.push([name, readFileSync(join(web, "src", name))]);
  files.push(["LICENSES.txt", Buffer.from(licences(web, result.metafile))]);
  return new Map(files.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Lets the page import the examples: `import examples from "foretell:examples"`. */
const tutorial = (found) => ({
  name: "tutorial",
  setup(bundler) {
    bundler.onResolve({ filter: /^foretell:examples$/ }, () => ({ path: "examples", namespace: "foretell" }));
    bundler.onLoad({ filter: /.*/, namespace: "foretell" }, () => ({ contents: JSON.stringify(found), loader: "json" }));
  },
});

/** Leaves out the fonts that GraphiQL brings, 340 KB: page.css names those of the system. */
const systemFonts = {
  name: "system-fonts",
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]graphiql[\\/]graphiql\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    }));
  },
};
