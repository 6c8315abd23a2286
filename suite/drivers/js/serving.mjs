// The conversation with the engine, wherever the records go: a greeting, then one record for each call.

import { className, describe, messageOf } from './events.mjs';
import { Absent, SdkThrew, abilities, verbsOf } from './verbs.mjs';

// Loads the SDK and greets. The host writes records and takes environment variables; `about` is what it knows of
// itself. Gives the server that obeys calls, or null where the SDK cannot be loaded.
export async function greet(load, about, events, host) {
  let genai, can;
  try {
    genai = await load();
    can = abilities(genai);
  } catch (thrown) {
    host.write({ broken: { class: className(thrown), message: messageOf(thrown) } });
    return null;
  }
  host.write({ hello: { ...about, can, events: events.drain() } });
  return new Server(verbsOf(genai, events, host), events, host);
}

class Server {
  #verbs;
  #events;
  #host;
  #inFlight = new Map(); // id -> when it began, in ms

  constructor(verbs, events, host) {
    this.#verbs = verbs;
    this.#events = events;
    this.#host = host;
  }

  obey({ id, verb, ...params }) {
    if (verb === 'quit') {
      this.#answer(id, 'returned', 0, { value: {} });
      this.#host.quit();
    } else if (verb === 'abandon') {
      this.#finish(params.call, 'pending', {}); // its promise is left behind, nothing can end it
      this.#answer(id, 'returned', 0, { value: {} });
    } else {
      this.#inFlight.set(id, performance.now());
      this.#run(id, verb, params);
    }
  }

  async #run(id, verb, params) {
    try {
      if (!Object.hasOwn(this.#verbs, verb)) throw new Error(`no verb ${verb}`);
      const value = await this.#verbs[verb](params, id, () => !this.#inFlight.has(id));
      await this.#host.settle();
      this.#finish(id, 'returned', { value });
    } catch (thrown) {
      await this.#host.settle();
      if (thrown instanceof SdkThrew) this.#finish(id, 'raised', { error: describe(thrown.thrown) });
      else if (thrown instanceof Absent) this.#finish(id, 'absent', { missing: thrown.message });
      else this.#finish(id, 'broken', { error: describe(thrown) });
    }
  }

  #finish(id, outcome, fields) {
    const began = this.#inFlight.get(id);
    if (this.#inFlight.delete(id)) this.#answer(id, outcome, performance.now() - began, fields);
  }

  #answer(id, outcome, ms, fields) {
    const seconds = Math.round(ms * 1000) / 1e6;
    this.#host.write({ id, outcome, ...fields, events: this.#events.drain(), seconds });
  }
}
