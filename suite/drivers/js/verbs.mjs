// The verbs of the worker protocol on @google/genai (docs/worker-protocol.md), in Node and in a browser alike: no
// module of Node, no global of either. Looks at what the SDK can do, never at its version, and never judges.

import { Conversation, endOf, summary } from './conversation.mjs';
import { given, httpOptions, sessionOptions, spell, tokenArguments } from './spelling.mjs';

// This version of the SDK has no such feature; the message names what was looked for.
export class Absent extends Error {}

// Wraps what the SDK threw. Everything else that is thrown here is our fault.
export class SdkThrew {
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

export function abilities(genai) {
  const ai = new genai.GoogleGenAI({ apiKey: 'to look at' });
  return [
    ...(ai.authTokens?.create ? ['create_token'] : []),
    ...(ai.live?.connect ? ['connect', 'send', 'receive', 'close'] : []),
    ...(Object.values(REST).some((find) => find(ai)) ? ['rest'] : []),
  ];
}

// `in`, as the getter of interactions warns that they are experimental.
const REST = {
  'models.list': (ai) => ai.models?.list && (() => ai.models.list()),
  'interactions.create': (ai) =>
    'interactions' in ai && (() => ai.interactions.create({ model: 'gemini-2.5-flash', input: 'hello' })),
};

// ---- What is sent: what kind of input through which API; the first is the newest.

const METHODS = {
  send: 'send',
  send_client_content: 'sendClientContent',
  send_realtime_input: 'sendRealtimeInput',
  send_tool_response: 'sendToolResponse',
};

const INPUTS = {
  text: {
    send_client_content: (text) => ({ turns: [{ role: 'user', parts: [{ text }] }], turnComplete: true }),
    send_realtime_input: (text) => ({ text }),
  },
  realtime: { send_realtime_input: (input) => spell(input) },
  // Not in a list: the first versions lose what is in one.
  tool_response: { send_tool_response: (response) => ({ functionResponses: response }) },
};

function inputOf(params) {
  const kind = Object.keys(INPUTS).find((name) => params[name] !== undefined);
  if (!kind) throw new Error(`nothing to send: expected one of ${Object.keys(INPUTS).join(', ')}`);
  const through = params.through ?? Object.keys(INPUTS[kind])[0];
  if (!Object.hasOwn(METHODS, through)) {
    throw new Error(`send through ${through}: expected one of ${Object.keys(METHODS).join(', ')}`);
  }
  return { kind, through, method: METHODS[through] };
}

// ---- The verbs.

// `host` is where this runs: it takes environment variables, says the base URL that is in force, and whether there is
// an environment at all in which the SDK can look for it.
export function verbsOf(genai, events, host) {
  const sessions = new Map();
  let lastSession = 0;
  let defaultBaseUrl;

  function session(name) {
    if (!sessions.has(name)) throw new Error(`no session ${name}`);
    return sessions.get(name);
  }

  // A default counts for the clients that are built next, so it is as good as taken back where the next one begins.
  function setDefault(url) {
    if (url === defaultBaseUrl) return;
    genai.setDefaultBaseUrls({ geminiUrl: url });
    defaultBaseUrl = url;
  }

  function client({ env, api_key, client: placed, options, default_base_url: wanted }) {
    const base = host.setEnvironment(env ?? {});
    const hasDefaults = typeof genai.setDefaultBaseUrls === 'function';
    if (wanted !== undefined && !hasDefaults) throw new Absent('setDefaultBaseUrls');
    if (hasDefaults) setDefault(wanted ?? (host.hasEnvironment ? undefined : base));
    // An SDK without defaults looks into no environment either, and would call the real service.
    const http = httpOptions(hasDefaults || !base ? placed : { base_url: base, ...placed });
    return new genai.GoogleGenAI({ ...given({ apiKey: api_key }), ...http, ...spell(options ?? {}) });
  }

  return {
    async create_token(params) {
      const wanted = tokenArguments(params);
      const token = await sdk(() => {
        const ai = client(params);
        if (!ai.authTokens?.create) throw new Absent('ai.authTokens.create');
        return ai.authTokens.create(wanted);
      });
      return { name: token.name ?? null, fields: JSON.parse(JSON.stringify(token)) };
    },

    async connect(params, id, abandoned) {
      const conversation = new Conversation(id, events);
      const config = { ...spell(params.config ?? {}), ...sessionOptions(params.session) };
      const connected = await sdk(() => {
        const ai = client(params);
        if (!ai.live?.connect) throw new Absent('ai.live.connect');
        return ai.live.connect({ model: params.model, callbacks: conversation.callbacks(), ...given({ config }) });
      });
      if (abandoned()) return connected.close();
      const name = `s${++lastSession}`;
      sessions.set(name, { live: connected, conversation });
      return { session: name, setup_complete: connected.setupComplete ?? null };
    },

    async send(params) {
      const { live } = session(params.session);
      const { kind, through, method } = inputOf(params);
      if (typeof live[method] !== 'function') throw new Absent(`session.${method}`);
      const write = INPUTS[kind][through];
      if (!write) throw new Error(`${kind} cannot be sent through ${through}`);
      await sdk(() => live[method](write(params[kind])));
      return { through };
    },

    async receive(params) {
      const { conversation } = session(params.session);
      const isEnd = endOf(params.until);
      return summary(await sdk(() => conversation.take(isEnd)));
    },

    async rest(params) {
      if (!Object.hasOwn(REST, params.method)) {
        throw new Error(`rest ${params.method}: expected one of ${Object.keys(REST).join(', ')}`);
      }
      await sdk(() => {
        const call = REST[params.method](client(params));
        if (!call) throw new Absent(`ai.${params.method}`);
        return call();
      });
      return {};
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
