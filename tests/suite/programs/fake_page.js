// Stands for a bundled page where a test asks what the worker beside it does. Verbs: `open` a WebSocket at `url`,
// `get` it, `say` something that nobody asked for, `crash`.
const answer = (id, value = {}) => tellWorker(JSON.stringify({ id, outcome: 'returned', value, events: [], seconds: 0 }));

const verbs = {
  open(id, { url }) {
    const socket = new WebSocket(url);
    socket.onopen = () => { socket.close(); answer(id, { open: true }); };
    socket.onerror = () => {
      tellWorker(JSON.stringify({ event: { kind: 'callback', name: 'onerror' } }));
      answer(id, { open: false });
    };
  },
  get: (id, { url }) => fetch(url).then(({ status }) => answer(id, { status }), (error) => answer(id, { error: error.message })),
  say: (id) => answer(id, { origin: location.origin, at: location.hostname }),
  crash: () => { throw new Error('no such thing'); },
};

globalThis.obey = ({ id, verb, ...params }) => verbs[verb](id, params);
tellWorker(JSON.stringify({ hello: { sdk: 'web', version: '1.2.3', can: [], events: [] } }));
