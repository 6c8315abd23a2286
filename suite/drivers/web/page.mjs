// Holds one version of @google/genai in a page and does what it is told (docs/worker-protocol.md). What it does with
// the SDK is what the worker in Node does; here is what only a page has. The worker beside it opens the page, gives
// it `tellWorker`, calls `obey`, and adds what only the browser's devtools know.

import { Events } from '../js/events.mjs';
import { greet } from '../js/serving.mjs';

const tell = (record) => globalThis.tellWorker(JSON.stringify(record));

// Tells each event as it happens: the worker puts them in one order with those of devtools.
class ToldEvents extends Events {
  happen(event) {
    tell({ event });
  }
}

let baseUrl;

const host = {
  write: tell,

  hasEnvironment: false,

  // A page has no environment: of all variables it minds the one that it would write down as a base URL.
  setEnvironment(variables) {
    if ('GOOGLE_GEMINI_BASE_URL' in variables) baseUrl = variables.GOOGLE_GEMINI_BASE_URL ?? undefined;
    return baseUrl;
  },

  settle: () => new Promise((resolve) => setTimeout(resolve)),

  quit: () => {}, // is the worker's to do
};

// Called by the bundle with its SDK. `version` is what the installed package says of itself.
export async function run(load, version) {
  const events = new ToldEvents();
  events.watchConsole();
  addEventListener('unhandledrejection', (event) => events.unhandled(event.reason));
  addEventListener('error', (event) => events.unhandled(event.error ?? event));
  const server = await greet(load, { sdk: 'web', version }, events, host);
  globalThis.obey = (call) => server.obey(call);
}
