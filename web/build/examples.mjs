// Reads the tutorial's examples: NN-name.graphql, each with NN-name.variables.json beside it where it has variables.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { parse } from "graphql";

const NAME = /^\d\d-[a-z0-9-]+\.graphql$/;
const VARIABLES = ".variables.json";

/** Returns {name, title, text, kind, operation, query, variables} of each example, in their order. */
export function examples(folder) {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const name of names) {
    const belongs = NAME.test(name) || (name.endsWith(VARIABLES) && names.includes(name.replace(VARIABLES, ".graphql")));
    if (!belongs) throw new Error(`${join(folder, name)} is no example: expected NN-name.graphql or its variables.`);
  }
  return names.filter((name) => NAME.test(name)).map((name) => example(folder, name));
}

/** The first line, a comment, is the title; the comments below it are the text. The query is what follows. */
function example(folder, file) {
  const path = join(folder, file);
  const whole = read(path);
  const opening = whole.match(/^(?:#.*\n)*/)[0];
  const query = whole.slice(opening.length).trim();
  const [title, ...text] = opening.split("\n").map((line) => line.replace(/^#/, "").trim());
  if (!title) throw new Error(`${path} has no title: expected a comment in its first line.`);
  const operations = parsed(path, query).definitions.filter(({ kind }) => kind === "OperationDefinition");
  if (operations.length !== 1 || !operations[0].name) throw new Error(`${path} needs one operation, with a name.`);
  return {
    name: file.replace(/\.graphql$/, ""),
    title: title.replace(/\.$/, ""),
    text: text.join(" ").trim(),
    kind: operations[0].operation,
    operation: operations[0].name.value,
    query,
    variables: variables(path.replace(/\.graphql$/, VARIABLES)),
  };
}

function parsed(path, query) {
  try {
    return parse(query);
  } catch (error) {
    throw new Error(`${path} does not parse: ${error.message}`);
  }
}

function variables(path) {
  if (!existsSync(path)) return "";
  const text = read(path).trim();
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is no JSON: ${error.message}`);
  }
  return text;
}

const read = (path) => readFileSync(path, "utf8").replaceAll("\r\n", "\n");
