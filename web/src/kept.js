// What the browser keeps between visits: what GraphiQL keeps of itself, and which panel is open. Headers may hold a
// token and are kept only if that was asked for in the settings.

import { useEffect } from "react";

// Below GraphiQL's prefix, so that its "Clear storage" clears this as well.
const PANEL = "graphiql:panel";
const HEADERS = "graphiql:headers";
const PERSIST = "graphiql:shouldPersistHeaders";
const HISTORIES = ["graphiql:queries", "graphiql:favorites"];

const persists = () => localStorage.getItem(PERSIST) === "true";

/** The browser's storage, for GraphiQL: of itself it would keep headers in its history whatever the settings say. */
export const storage = {
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  setItem(key, value) {
    localStorage.setItem(key, HISTORIES.includes(key) && !persists() ? withoutHeaders(value) : value);
    if (key === PERSIST && !persists()) forgetHeaders();
  },
  clear() {
    for (const key of Object.keys(localStorage)) if (key.startsWith("graphiql:")) localStorage.removeItem(key);
  },
  get length() {
    return localStorage.length;
  },
};

function forgetHeaders() {
  for (const key of HISTORIES) {
    const history = localStorage.getItem(key);
    if (history) localStorage.setItem(key, withoutHeaders(history));
  }
}

const withoutHeaders = (history) =>
  JSON.stringify(JSON.parse(history), (key, value) => (key === "headers" ? undefined : value));

/** The title of the panel that was open last, undefined if none was, and the given one on the first visit. */
export function lastPanel(first) {
  return (localStorage.getItem(PANEL) ?? first) || undefined;
}

/** Notes which panel is open: a plugin, or null. */
export function notePanel(plugin) {
  localStorage.setItem(PANEL, plugin?.title ?? "");
}

const headers = localStorage.getItem(HEADERS);

/** Whether headers are kept. A plain no would take the question out of the settings, so it is undefined. */
export const keepsHeaders = persists() || undefined;

/** Puts the kept headers back: GraphiQL empties them when it starts, and has them in its editor alone. */
export function useKeptHeaders() {
  useEffect(() => {
    if (keepsHeaders && headers) localStorage.setItem(HEADERS, headers);
  }, []);
}
