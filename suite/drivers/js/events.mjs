// What happened beside the answers of calls, and how what was thrown is described.

const LEVELS = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

// Keeps what happened for the next record.
export class Events {
  #happened = [];

  happen(event) {
    this.#happened.push(event);
  }

  drain() {
    return this.#happened.splice(0);
  }

  unhandled(thrown, more = {}) {
    this.happen({ kind: 'unhandled', class: className(thrown), message: messageOf(thrown), ...more });
  }

  watchConsole() {
    for (const [name, level] of Object.entries(LEVELS)) {
      console[name] = (...parts) =>
        this.happen({ kind: 'log', level, console: name, message: parts.map(asText).join(' ') });
    }
  }
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

export function describe(thrown) {
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

export function className(thrown) {
  if (thrown === null || typeof thrown !== 'object') return typeof thrown;
  // Old versions name their private classes only in `name`.
  return thrown instanceof Error ? thrown.name : (thrown.constructor?.name ?? 'Object');
}

export function messageOf(thrown) {
  return typeof thrown?.message === 'string' ? thrown.message : asText(thrown);
}
