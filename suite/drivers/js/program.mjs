// A short script with @google/genai, as an application has it, with no error handling at all: its exit code and
// what it prints on standard error are Node's own (docs/worker-protocol.md, "Programs").
//
// Started by a shim in the version's own folder. Nothing here listens for rejections or ends the process.

import { given, httpOptions, sessionOptions, spell, tokenArguments } from './spelling.mjs';

const nothing = () => {};

const DOES = {
  async create(ai, wanted) {
    await ai.authTokens.create(tokenArguments(wanted));
  },

  async connect(ai, wanted) {
    const session = await ai.live.connect({ ...placeOf(wanted), callbacks: callbacks(nothing) });
    console.log('open');
    session.close();
  },

  async turn(ai, wanted) {
    let done;
    const turn = new Promise((resolve) => (done = resolve));
    const onmessage = (message) => {
      if (message.serverContent?.turnComplete) done();
    };
    const session = await ai.live.connect({ ...placeOf(wanted), callbacks: callbacks(onmessage) });
    session.sendClientContent({ turns: 'hello', turnComplete: true });
    await turn;
    session.close();
  },
};

const placeOf = ({ model, config, session }) => ({
  model,
  config: { ...spell(config ?? {}), ...sessionOptions(session) },
});

// The SDK asks for all of them; these handle nothing.
const callbacks = (onmessage) => ({ onopen: nothing, onmessage, onerror: nothing, onclose: nothing });

// Where the first versions do not look into the environment, a script says it at the client.
const baseUrl = (genai) => (genai.setDefaultBaseUrls ? {} : { base_url: process.env.GOOGLE_GEMINI_BASE_URL });

// Gives what a script with a top-level await waits for; nothing where `main()` is called at the end and left alone.
export function start(genai, argument) {
  const { do: what, style = 'main', ...wanted } = JSON.parse(argument);

  async function main() {
    const http = httpOptions({ ...baseUrl(genai), ...wanted.client });
    const ai = new genai.GoogleGenAI({ ...given({ apiKey: wanted.api_key }), ...http, ...spell(wanted.options ?? {}) });
    await DOES[what](ai, wanted);
    console.log('did it');
  }

  const running = main();
  return style === 'await' ? running : undefined;
}
