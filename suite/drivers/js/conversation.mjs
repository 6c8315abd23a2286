// One session: what its callbacks heard, and who waits for it.

import { className, messageOf } from './events.mjs';

class Closed extends Error {
  constructor({ code, reason }) {
    super(`session closed with ${code}${reason ? `: ${reason}` : ''}`);
    Object.assign(this, { name: 'Closed', code, reason: reason ?? '' });
  }
}

// What ends a `receive`.
const ENDS = {
  turn: (message) => message.serverContent?.turnComplete,
  tool_call: (message) => message.toolCall,
  message: () => true,
};

export function endOf(until = 'turn') {
  if (!Object.hasOwn(ENDS, until)) {
    throw new Error(`until ${until}: expected one of ${Object.keys(ENDS).join(', ')}`);
  }
  return ENDS[until];
}

export class Conversation {
  #messages = [];
  #closed = null;
  #waiting = [];
  #call;
  #events;

  constructor(call, events) {
    this.#call = call;
    this.#events = events;
  }

  callbacks() {
    // Named by its call, since a session that was given up may be heard of later.
    const heard = (name, detail) =>
      this.#events.happen({ kind: 'callback', call: this.#call, name, ...(detail && { detail }) });
    return {
      onopen: () => heard('onopen'),
      onmessage: (message) => {
        heard('onmessage', keysOf(message));
        this.#messages.push(message);
        this.#wake();
      },
      onerror: (event) => heard('onerror', errorDetail(event)),
      onclose: ({ code, reason, wasClean }) => {
        heard('onclose', { code, reason: reason?.toString() ?? null, wasClean: wasClean ?? null });
        this.#closed = new Closed({ code, reason: reason?.toString() });
        this.#wake();
      },
    };
  }

  // Takes the messages up to and with the next one that is an end.
  async take(isEnd) {
    for (;;) {
      const end = this.#messages.findIndex(isEnd);
      if (end >= 0) return this.#messages.splice(0, end + 1);
      if (this.#closed) throw this.#closed;
      await this.#more();
    }
  }

  async closed() {
    while (!this.#closed) await this.#more();
  }

  #more() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const keysOf = (message) => Object.keys(message).filter((key) => message[key] !== undefined).sort();

function errorDetail(event) {
  const { error } = event;
  return {
    type: event.type ?? null,
    message: event.message ?? null,
    ...(error && { error: { class: className(error), message: messageOf(error) } }),
  };
}

export function summary(messages) {
  const parts = messages.flatMap((message) => message.serverContent?.modelTurn?.parts ?? []);
  const calls = messages.flatMap((message) => message.toolCall?.functionCalls ?? []);
  const isGiven = (value) => value !== undefined && value !== null;
  return {
    text: parts.filter((part) => !part.thought).map((part) => part.text ?? '').join(''),
    audio_bytes: parts.reduce((sum, part) => sum + bytesIn(part.inlineData?.data ?? ''), 0),
    messages: messages.map(keysOf),
    tool_calls: calls.map(({ id, name, args }) => ({ id: id ?? null, name: name ?? null, args: args ?? null })),
    go_away: messages.map((message) => message.goAway?.timeLeft).filter(isGiven),
    handles: messages.map((message) => message.sessionResumptionUpdate?.newHandle).filter(isGiven),
  };
}

const bytesIn = (base64) => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
