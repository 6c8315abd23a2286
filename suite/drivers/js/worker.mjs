// Worker for @google/genai in Node: holds one version of it and does what it is told (docs/worker-protocol.md).
//
// Started by a shim in that version's own folder, which imports the SDK by its name, so that normal resolution
// applies. Looks at what the SDK can do, never at its version, and never judges.

import { createInterface } from 'node:readline';

class Absent extends Error {}

// Wraps what the SDK threw. Everything else that is thrown here is our fault.
class SdkThrew {
  constructor(thrown) {
    this.thrown = thrown;
  }
}

async function sdk(run) {
  try {
    return await run();
  } catch (thrown) {
    throw thrown instanceof Absent ? thrown : new SdkThrew(thrown);
  }
}

// ---- What happened: callbacks, console output and rejections nobody caught, kept for the next record.

const LEVELS = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

let happened = [];

function drain() {
  const events = happened;
  happened = [];
  return events;
}

function watch() {
  for (const [name, level] of Object.entries(LEVELS)) {
    console[name] = (...parts) =>
      happened.push({ kind: 'log', level, console: name, message: parts.map(asText).join(' ') });
  }
  const onUnhandled = (thrown) =>
    happened.push({ kind: 'unhandled', class: className(thrown), message: messageOf(thrown) });
  process.on('unhandledRejection', onUnhandled);
  process.on('uncaughtException', onUnhandled);
}

function asText(part) {
  if (typeof part === 'string') return part;
  if (part instanceof Error) return `${part.name}: ${part.message}`;
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}

// ---- How errors are described.

function describe(thrown) {
  const cause = [];
  for (let next = thrown?.cause; next !== undefined && next !== null && cause.length < 10; next = next.cause) {
    cause.push(describeOne(next));
  }
  return { ...describeOne(thrown), cause };
}

function describeOne(thrown) {
  return {
    class: className(thrown),
    qualified: null,
    message: messageOf(thrown),
    code: [thrown?.code, thrown?.status].find((value) => typeof value === 'number') ?? null,
    status: [thrown?.status, thrown?.code].find((value) => typeof value === 'string') ?? null,
    reason: typeof thrown?.reason === 'string' ? thrown.reason : null,
  };
}

function className(thrown) {
  if (thrown === null || typeof thrown !== 'object') return typeof thrown;
  // Old versions name their private classes only in `name`.
  return thrown instanceof Error ? thrown.name : (thrown.constructor?.name ?? 'Object');
}

function messageOf(thrown) {
  return typeof thrown?.message === 'string' ? thrown.message : asText(thrown);
}

// ---- How names are spelled: snake_case in the protocol, camelCase in this SDK.

// What is inside these is the application's data, not names of the SDK.
const VERBATIM = new Set(['properties', 'headers', 'extra_body', 'labels']);

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

function spell(value) {
  if (Array.isArray(value)) return value.map(spell);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camel(name), VERBATIM.has(name) ? inner : spell(inner)]),
  );
}

// An option that was not given is not passed: an SDK may tell {} and undefined from nothing.
const isNothing = (value) =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => !isNothing(value)));

const httpOptions = (placed) => given({ httpOptions: spell(placed ?? {}) });

// ---- One session: what its callbacks heard, and who waits for it.

class Closed extends Error {
  constructor({ code, reason }) {
    super(`session closed with ${code}${reason ? `: ${reason}` : ''}`);
    Object.assign(this, { name: 'Closed', code, reason: reason ?? '' });
  }
}

class Conversation {
  #messages = [];
  #closed = null;
  #waiting = [];
  #call;

  constructor(call) {
    this.#call = call;
  }

  callbacks() {
    // Named by its call, since a session that was given up may be heard of later.
    const heard = (name, detail) =>
      happened.push({ kind: 'callback', call: this.#call, name, ...(detail && { detail }) });
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

  // Takes the messages up to and with the next complete turn.
  async turn() {
    for (;;) {
      const end = this.#messages.findIndex((message) => message.serverContent?.turnComplete);
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

function summary(messages) {
  const parts = messages.flatMap((message) => message.serverContent?.modelTurn?.parts ?? []);
  const audio = parts.map((part) => Buffer.from(part.inlineData?.data ?? '', 'base64').length);
  return {
    text: parts.filter((part) => !part.thought).map((part) => part.text ?? '').join(''),
    audio_bytes: audio.reduce((sum, bytes) => sum + bytes, 0),
    messages: messages.map(keysOf),
  };
}

// ---- The verbs.

function verbsOf(genai) {
  const sessions = new Map();
  let lastSession = 0;

  function session(name) {
    if (!sessions.has(name)) throw new Error(`no session ${name}`);
    return sessions.get(name);
  }

  function client({ env, api_key, client: placed, options }) {
    for (const [name, value] of Object.entries(env ?? {})) {
      if (value === null) delete process.env[name];
      else process.env[name] = value;
    }
    return new genai.GoogleGenAI({ ...given({ apiKey: api_key }), ...httpOptions(placed), ...spell(options ?? {}) });
  }

  function tokenConfig({ config = {}, call }) {
    const { constraints, lock_additional_fields: locked, ...rest } = config;
    return given({
      config: {
        ...spell(rest),
        ...(constraints && { liveConnectConstraints: spell(constraints) }),
        ...(locked !== undefined && { lockAdditionalFields: locked?.map(camel) ?? null }),
        ...httpOptions(call),
      },
    });
  }

  return {
    async create_token(params) {
      const token = await sdk(() => {
        const ai = client(params);
        if (!ai.authTokens?.create) throw new Absent('ai.authTokens.create');
        return ai.authTokens.create(tokenConfig(params));
      });
      return { name: token.name, fields: JSON.parse(JSON.stringify(token)) };
    },

    async connect(params, id, abandoned) {
      const conversation = new Conversation(id);
      const connected = await sdk(() => {
        const ai = client(params);
        if (!ai.live?.connect) throw new Absent('ai.live.connect');
        const config = { ...spell(params.config ?? {}), ...httpOptions(params.session) };
        return ai.live.connect({ model: params.model, callbacks: conversation.callbacks(), ...given({ config }) });
      });
      if (abandoned()) return connected.close();
      const name = `s${++lastSession}`;
      sessions.set(name, { live: connected, conversation });
      return { session: name, setup_complete: connected.setupComplete ?? null };
    },

    async send(params) {
      const { live } = session(params.session);
      const turns = [{ role: 'user', parts: [{ text: params.text }] }];
      await sdk(() => live.sendClientContent({ turns, turnComplete: true }));
      return { through: 'sendClientContent' };
    },

    async receive(params) {
      return summary(await sdk(() => session(params.session).conversation.turn()));
    },

    async close(params) {
      const { live, conversation } = session(params.session);
      sessions.delete(params.session);
      await sdk(() => live.close());
      await conversation.closed(); // else its last event falls into the next record
      return {};
    },
  };
}

function abilities(genai) {
  const ai = new genai.GoogleGenAI({ apiKey: 'to look at' });
  return [
    ...(ai.authTokens?.create ? ['create_token'] : []),
    ...(ai.live?.connect ? ['connect', 'send', 'receive', 'close'] : []),
  ];
}

// ---- The conversation with the engine.

function write(record, then) {
  process.stdout.write(`\x1e${JSON.stringify(record)}\n`, then);
}

class Server {
  #verbs;
  #inFlight = new Map(); // id -> when it began, in ms

  constructor(verbs) {
    this.#verbs = verbs;
  }

  obey({ id, verb, ...params }) {
    if (verb === 'quit') {
      this.#answer(id, 'returned', 0, { value: {} }, () => process.exit(0));
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
      this.#finish(id, 'returned', { value });
    } catch (thrown) {
      if (thrown instanceof SdkThrew) this.#finish(id, 'raised', { error: describe(thrown.thrown) });
      else if (thrown instanceof Absent) this.#finish(id, 'absent', { missing: thrown.message });
      else this.#finish(id, 'broken', { error: describe(thrown) });
    }
  }

  #finish(id, outcome, fields) {
    const began = this.#inFlight.get(id);
    if (this.#inFlight.delete(id)) this.#answer(id, outcome, performance.now() - began, fields);
  }

  #answer(id, outcome, ms, fields, then) {
    write({ id, outcome, ...fields, events: drain(), seconds: Math.round(ms * 1000) / 1e6 }, then);
  }
}

// Serves one loaded SDK until stdin ends. `version` is what the installed package says of itself.
export async function run(load, version) {
  watch();
  let genai, can;
  try {
    genai = await load();
    can = abilities(genai);
  } catch (thrown) {
    write({ broken: { class: className(thrown), message: messageOf(thrown) } }, () => process.exit(1));
    return;
  }
  const hello = { sdk: 'js', version, runtime: `Node ${process.versions.node}`, can };
  write({ hello: { ...hello, events: drain() } });
  const server = new Server(verbsOf(genai));
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => server.obey(JSON.parse(line)));
  lines.on('close', () => process.exit(0));
}
