// Asks the server: queries and mutations over HTTP, subscriptions over a WebSocket, both at the page's own origin.

import { Kind, parse } from "graphql";
import { createClient } from "graphql-ws";

// The page stands at / or at /graphql, perhaps below a prefix: both lead to the same address.
const endpoint = new URL("graphql", document.baseURI);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

const SHOWN = 100; // results of a subscription, the last ones
const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** Returns an observable of results. What goes wrong on the way is told as a result, too. */
export function fetcher({ query, variables, operationName }, { headers = {} } = {}) {
  const operations = operationsOf(query);
  const named = operations.find(({ name }) => name?.value === operationName);
  // GraphiQL notices a moment late that a name is gone; who runs the query at once shouldn't suffer from that.
  const request = { query, variables, operationName: named ? operationName : undefined };
  const ask = (named ?? operations[0])?.operation === "subscription" ? overSocket : overHttp;
  return { subscribe: (sink) => ({ unsubscribe: ask(request, headers, sink) }) };
}

function operationsOf(query) {
  try {
    return parse(query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  } catch {
    return []; // the server says what is wrong with it
  }
}

function overHttp(request, headers, sink) {
  const abort = new AbortController();
  const end = (result) => {
    if (abort.signal.aborted) return;
    sink.next(result);
    sink.complete();
  };
  fetch(endpoint, {
    method: "POST",
    headers: { Accept: ACCEPT, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(request),
    signal: abort.signal,
  })
    .then(async (response) => end(result(response, await response.text())))
    .catch((error) => end(told(`The server did not answer: ${error.message}.`)));
  return () => abort.abort();
}

function result(response, body) {
  try {
    const value = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // told below, with what came instead
  }
  return told(`The server answered with status ${response.status}${body ? `: ${body.slice(0, 1000).trim()}` : "."}`);
}

function overSocket(request, headers, sink) {
  // One connection for each subscription: its headers may differ. They can't be sent as such from a browser.
  const client = createClient({ url: socket.href, connectionParams: headers, retryAttempts: 0 });
  // GraphiQL shows one result: a list of them shows a story, wave by wave.
  let results = [];
  const next = (result) => {
    results = [...results, result].slice(-SHOWN);
    sink.next({ results });
  };
  const dispose = client.subscribe(request, {
    next,
    error: (error) => {
      next(Array.isArray(error) ? { errors: error } : told(broken(error)));
      sink.complete();
    },
    complete: sink.complete,
  });
  return () => {
    dispose();
    void client.dispose();
  };
}

function broken(error) {
  if (!("code" in error)) return `The subscription broke off: ${error.message ?? "no connection"}.`;
  return `The server closed the subscription: ${error.reason || `code ${error.code}`}.`;
}

const told = (message) => ({ errors: [{ message }] });
