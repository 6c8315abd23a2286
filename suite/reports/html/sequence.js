// What crossed the wire, in order, on three lanes: the application, the SDK, the server.

const LANES = ['app', 'SDK', 'server'];
const [APP, CLIENT, SERVER, EVENT, ANSWER, MOCK] = [0, 1, 2, 3, 4, 5];
/** From which lane to which. */
const WAYS = { [APP]: [0, 1], [CLIENT]: [1, 2], [SERVER]: [2, 1], [EVENT]: [1, 0], [ANSWER]: [1, 0] };

/** A story as a list, drawn as a sequence diagram; read aloud, each line says who tells whom. */
function sequence(lines) {
  if (!lines.length) return null;
  return h('div', { class: 'sequence' },
    h('div', { class: 'lanes', 'aria-hidden': 'true' }, LANES.map((lane) => h('span', {}, lane))),
    h('ol', {}, lines.map((line) => (line[0] === MOCK ? noted(line) : arrow(line)))));
}

function arrow(line) {
  const [who, what] = line;
  const [from, to] = WAYS[who];
  const hangs = who === ANSWER && what === 'never returns';
  const failed = who === ANSWER && what !== 'returned';
  const ended = who === SERVER && ['close', 'lost', 'rejected'].includes(line[2]);
  const kind = `${from < to ? 'right' : 'left'} between-${Math.min(from, to)}${who === EVENT ? ' beside' : ''}`;
  return h('li', { class: `${kind}${hangs ? ' hangs' : ''}${failed || ended ? ' failed' : ''}` },
    h('span', { class: 'aside' }, `${LANES[from]} to ${LANES[to]}: `),
    h('span', { class: 'what' }, said(line)),
    h('span', { class: 'line', 'aria-hidden': 'true' }));
}

/** The text above an arrow. */
function said([who, what, more, credentials]) {
  if (who === APP) return h('code', {}, what);
  if (who === CLIENT && credentials) {
    return [h('code', {}, what), h('span', { class: 'more' }, ` credential in ${credentials}`)];
  }
  if (who === CLIENT || who === SERVER) return h('code', {}, what);
  return what;
}

/** The mock says why it refuses. */
function noted([, what, id, hint]) {
  return h('li', { class: 'note' },
    h('span', { class: 'aside' }, 'The mock refuses: '),
    h('div', {}, h('strong', {}, 'refused: '), what, id ? [' ', factLink(id)] : null,
      hint ? h('p', { class: 'hint' }, hint) : null));
}
