// Collects the licence of every package that has a part in the bundle.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ALLOWED = new Set(["0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);
const TEXT = /^(licen[cs]e|copying|copyrightnotice|notice|thirdpartynotices)\b.*$/i;

/** Who holds the rights in packages under the MIT licence that come without its text, as their sources say. */
const HOLDERS = {
  "@headlessui/react": "2020 Tailwind Labs",
  "react-compiler-runtime": "Meta Platforms, Inc. and affiliates",
  "react-remove-scroll-bar": "2025 Anton Korzunov",
  "toggle-selection": "sudodoki",
};

/** Returns one text with all licences; throws where a package has none, or one that is not allowed here. */
export function licences(web, metafile) {
  const folders = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];
      if (folder && bytesInOutput) folders.add(folder);
    }
  }
  const unused = new Set(Object.keys(HOLDERS));
  const parts = [...folders].map((folder) => part(join(web, folder), unused)).sort();
  if (unused.size) throw new Error(`Not bundled, or with a licence text of their own by now: ${[...unused].join(", ")}.`);
  const opening = "The playground (app.js, app.css) contains these packages, under these licences.\n";
  return [opening, ...parts].join(`\n${"-".repeat(78)}\n\n`);
}

function part(folder, unused) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!ALLOWED.has(license)) throw new Error(`${name} ${version} is under ${license}, which is not among those allowed.`);
  const texts = readdirSync(folder).filter((file) => TEXT.test(file)).sort();
  if (!texts.length) {
    if (!(name in HOLDERS)) throw new Error(`${name} ${version} has no licence text.`);
    unused.delete(name);
  }
  const text = texts.length ? texts.map((file) => readFileSync(join(folder, file), "utf8").trim()) : [mit(HOLDERS[name])];
  return `${name} ${version} (${license})\n\n${text.join("\n\n").replaceAll("\r\n", "\n")}\n`;
}

const mit = (holder) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
