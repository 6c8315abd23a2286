// -- drawing ----------------------------------------------------------------------------------------------

function drawItem(item) {
  const body = el('div', { class: 'body' });
  if (item.kind === 'refusal') body.append(refusal(item.entries[0]));
  else if (item.kind === 'user' || item.kind === 'model') body.append(bubble(item));
  else if (item.kind === 'warning') body.append(el('span', { class: 'badge risky' }, item.text));
  else body.append(el('span', { class: 'mono' }, item.note || item.text));
  if (item.entries.some((entry) => entry.payload || entry.headers)) body.append(raw(item));
  const fresh = el('div', { class: `item is-${item.kind}` }, el('time', { datetime: new Date(item.at * 1000).toISOString() }, clockTime(item.at)), body);
  if (item.node) item.node.replaceWith(fresh);
  item.node = fresh;
  return fresh;
}

function bubble(item) {
  return el('div', { class: 'bubble' },
    el('span', { class: 'who' }, item.kind === 'user' ? 'client' : 'model', item.note ? ` · ${item.note}` : ''),
    item.thought ? el('p', { class: 'thought' }, item.thought) : null,
    item.text ? el('p', {}, item.text) : null,
    item.said ? el('p', {}, `“${item.said.trim()}”`) : null,
    ...item.calls.map((one) => el('code', {}, one)),
    player(item));
}

function refusal(entry) {
  const guess = entry.confidence === 'guess' ? ', a guess' : '';
  return el('div', { class: 'refusal' },
    el('p', {}, el('strong', {}, 'refused'), ' ', entry.what, ' ', el('code', {}, `[${entry.fact}${guess}]`)),
    entry.hint ? el('p', { class: 'fix' }, entry.hint) : null);
}

function raw(item) {
  const count = item.entries.length;
  const what = item.entries[0].kind === 'in' || item.entries[0].kind === 'out' ? 'frame' : 'message';
  const details = el('details', { class: 'raw', open: item.rawOpen }, el('summary', {}, count === 1 ? what : `${count} ${what}s`));
  const fill = () => {
    item.rawOpen = details.open;
    if (details.open && details.children.length === 1) details.append(el('pre', { tabindex: 0 }, item.entries.map(rawText).join('\n\n')));
  };
  details.addEventListener('toggle', fill);
  fill();
  return details;
}

function rawText(entry) {
  const headers = Object.entries(entry.headers ?? {}).map(([name, value]) => `${name}: ${value}\n`).join('');
  let payload = entry.payload ?? '';
  try {
    payload = JSON.stringify(JSON.parse(payload), (name, value) => (typeof value === 'string' && value.length > 400 ? `${value.slice(0, 40)}… (${value.length} characters)` : value), 2);
  } catch { /* it is shown as it is */ }
  return `#${entry.number} ${entry.kind} ${entry.status ?? ''}\n${headers}${payload}`.trim();
}

function drawConnection(connection) {
  if (!connection.node) {
    connection.body = el('div', { class: 'items' });
    connection.head = el('summary');
    connection.node = el('details', { class: 'connection fresh', 'data-name': connection.name }, connection.head, connection.body);
    connection.node.addEventListener('toggle', () => { connection.chosen = connection.node.open; fillConnection(connection); });
    $('connections').prepend(connection.node);
  }
  const [state_, look] = status(connection);
  connection.node.classList.toggle('refused', connection.refused);
  connection.head.replaceChildren(
    el('span', { class: 'name mono' }, connection.name),
    el('span', { class: 'about' }, about(connection)),
    el('span', { class: 'quiet' }, `${connection.count} ${connection.count === 1 ? 'entry' : 'entries'}`),
    el('span', { class: `badge ${look}` }, state_));
}

function fillConnection(connection) {
  if (!connection.node.open) { connection.body.replaceChildren(); connection.items.forEach((item) => { item.node = null; }); return; }
  for (const item of connection.items) {
    if (!item.node) connection.body.append(drawItem(item));
    else if (item.dirty) drawItem(item);
    item.dirty = false;
  }
}

function about(connection) {
  const first = connection.items[0]?.entries[0];
  const path = (connection.first?.what ?? first?.what ?? '').split(' ').slice(0, 2).join(' ').split('?')[0];
  const short = path.replace(/\/+ws\/google\.ai\.generativelanguage\.(\w+)\.GenerativeService\.(\w+)/, '$1 $2').replace(/^GET (?=v)/, '');
  return [short, connection.model?.replace('models/', ''), connection.owner, connection.client].filter(Boolean).join(' · ');
}

function status(connection) {
  if (connection.end) return [connection.end, connection.refused ? 'bad' : ''];
  if (connection.refused) return ['refused', 'bad'];
  return connection.name.startsWith('ws') ? ['open', 'good'] : ['asked', ''];
}

function note(connection, entry) {
  connection.count += 1;
  connection.owner = entry.owner ?? connection.owner;
  if (entry.kind === 'request' || entry.kind === 'handshake') {
    connection.first = entry;
    connection.client = (entry.client ?? '').split(' ')[0];
  }
  if (entry.kind === 'in' && !connection.model) connection.model = message(entry)?.setup?.model;
  if (entry.kind === 'refusal') {
    connection.refused = true;
    $('announce').textContent = `${entry.connection} refused: ${entry.what}`;
  }
  if (['response', 'rejected', 'close', 'lost'].includes(entry.kind)) {
    connection.end = entry.kind === 'lost' && entry.what.startsWith('by the client') ? `left ${entry.status}` : `${entry.kind === 'close' ? 'closed ' : entry.kind === 'lost' ? 'dropped ' : ''}${entry.status ?? ''}`.trim();
  }
}

function take(entry) {
  let connection = state.connections.get(entry.connection);
  if (!connection) {
    connection = { name: entry.connection, items: [], count: 0, refused: false, first: null, number: entry.number };
    state.connections.set(entry.connection, connection);
  }
  note(connection, entry);
  add(connection, entry).dirty = true;
  state.fresh.add(connection);
  schedule();
}

let scheduled = false;
function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => { scheduled = false; draw(); });
}

function draw() {
  for (const connection of state.fresh) {
    drawConnection(connection);
    // Sockets and whatever was refused are what one comes to see; a choice of the reader's stays.
    if (connection.chosen === undefined && (connection.refused || connection.name.startsWith('ws'))) connection.node.open = true;
    fillConnection(connection);
  }
  state.fresh.clear();
  while (state.connections.size > MAX_CONNECTIONS) {
    const [name, oldest] = state.connections.entries().next().value;
    oldest.node?.remove();
    state.connections.delete(name);
  }
  filter();
  refreshSoon();
}

function filter() {
  const words = $('search').value.trim().toLowerCase();
  const show = $('show').value;
  let shown = 0;
  for (const connection of state.connections.values()) {
    if (!connection.node) continue;
    const fits = (show === 'all' || (show === 'refused' ? connection.refused : show === 'open' ? status(connection)[0] === 'open' : connection.name.startsWith(show)))
      && (!words || haystack(connection).includes(words));
    connection.node.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  const all = state.connections.size;
  $('empty').hidden = all > 0;
  $('count').textContent = all === 0 ? '' : shown === all ? `${all} shown` : `${shown} of ${all} shown`;
}

function haystack(connection) {
  const texts = connection.items.flatMap((item) => [item.text, item.said, item.thought, ...item.calls, ...item.entries.map((entry) => `${entry.what} ${entry.fact ?? ''} ${entry.hint ?? ''}`)]);
  return [connection.name, about(connection), ...texts].join(' ').toLowerCase();
}
