// Stands for @google/genai where a test asks what the worker gives to it: says back what it was given.
// FAKE=old: as in its first versions, without tokens and without a default base URL.
const old = process.env.FAKE === 'old';
if (process.env.FAKE === 'broken') throw new TypeError('cannot be loaded');

let defaults = {};
export const setDefaultBaseUrls = old ? undefined : (urls) => { defaults = urls; };

class Session {
  constructor(callbacks, given) {
    Object.assign(this, { callbacks, setupComplete: given });
  }

  // The text is what the model answers with, as JSON.
  sendClientContent({ turns }) {
    for (const message of JSON.parse(turns[0].parts[0].text)) this.callbacks.onmessage(message);
  }

  sendRealtimeInput(input) {
    this.callbacks.onmessage({ input, serverContent: { modelTurn: { parts: [{ text: JSON.stringify(input) }] } } });
  }

  sendToolResponse(input) {
    this.sendRealtimeInput(input);
  }

  close() {
    this.callbacks.onclose({ code: 1000, reason: 'bye', wasClean: true });
  }
}

export class GoogleGenAI {
  constructor(client) {
    const asked = () => ({ client, defaults, base: process.env.GOOGLE_GEMINI_BASE_URL });
    this.live = {
      connect: async ({ model, config, callbacks }) => {
        if (model === 'never') return new Promise(() => {});
        if (model === 'throws') throw Object.assign(new RangeError('no', { cause: new Error('why') }), { status: 418 });
        if (model === 'later') setTimeout(() => Promise.reject(new Error('nobody waits')));
        return new Session(callbacks, { ...asked(), ...(config && { config }) });
      },
    };
    if (old) return;
    this.authTokens = { create: async (given) => ({ name: 'auth_tokens/fake', given, ...asked() }) };
    this.models = { list: async () => { throw new Error('no models'); } };
  }
}
