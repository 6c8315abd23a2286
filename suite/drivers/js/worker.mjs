// Worker for @google/genai in Node: holds one version of it and does what it is told (docs/worker-protocol.md).
//
// Started by a shim in that version's own folder, which imports the SDK by its name, so that normal resolution
// applies. What it does with the SDK is in verbs.mjs; here is what only Node has.

import { createInterface } from 'node:readline';
import { Events } from './events.mjs';
import { greet } from './serving.mjs';

const host = {
  write(record) {
    process.stdout.write(`\x1e${JSON.stringify(record)}\n`);
  },

  hasEnvironment: true,

  setEnvironment(variables) {
    for (const [name, value] of Object.entries(variables)) {
      if (value === null) delete process.env[name];
      else process.env[name] = value;
    }
    return process.env.GOOGLE_GEMINI_BASE_URL;
  },

  // What nobody caught is told of once all that is due has run, and belongs to the call that caused it.
  settle: () => new Promise(setImmediate),

  quit: () => leave(0),
};

// Only once all records are out.
function leave(code) {
  process.stdout.write('', () => process.exit(code));
}

// Serves one loaded SDK until stdin ends. `version` is what the installed package says of itself.
export async function run(load, version) {
  const events = new Events();
  events.watchConsole();
  // Without a listener either would end the process.
  process.on('unhandledRejection', (thrown) => events.unhandled(thrown, { fatal: true }));
  process.on('uncaughtException', (thrown) => events.unhandled(thrown, { fatal: true }));
  const about = { sdk: 'js', version, runtime: `Node ${process.versions.node}` };
  const server = await greet(load, about, events, host);
  if (server === null) return leave(1);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => server.obey(JSON.parse(line)));
  lines.on('close', () => leave(0));
}
