// -- the panels -------------------------------------------------------------------------------------------

let waiting = null;
function refreshSoon() {
  waiting ??= setTimeout(() => { waiting = null; refresh(); }, 250);
}

async function refresh() {
  const paths = ['clock', 'tokens', 'script', 'rules', 'verdict'];
  try {
    const [clock, tokens, script, rules, verdict] = await Promise.all(paths.map((path) => call('GET', path)));
    setClock(clock);
    drawTokens(tokens.tokens);
    drawScript(script, rules.rules);
    drawVerdict(verdict.findings);
  } catch { /* the server is gone; the dot in the header says so */ }
}

function drawTokens(tokens) {
  $('token-count').textContent = tokens.length || '';
  $('tokens').replaceChildren(...tokens.slice(-50).reverse().map((one) => {
    const uses = one.usesLeft === null ? 'no limit of uses' : `${one.usesLeft} ${one.usesLeft === 1 ? 'use' : 'uses'} left`;
    return el('li', {},
      el('span', { class: 'mono' }, one.name),
      el('span', { class: 'row' },
        el('span', { class: `badge ${one.usesLeft === 0 ? 'bad' : ''}` }, uses),
        el('span', { class: `badge ${one.constraint.setup ? 'good' : 'risky'}` }, one.constraint.setup ? 'locked' : 'not locked'),
        el('span', { class: 'quiet' }, one.version)),
      el('span', { class: 'quiet' }, `minted by ${one.owner}`),
      el('span', { class: 'quiet', 'data-until': one.newSessionExpiresAt, 'data-what': 'new sessions for', 'data-over': 'no new sessions' }),
      el('span', { class: 'quiet', 'data-until': one.expiresAt, 'data-what': 'expires in', 'data-over': 'expired' }));
  }));
  tick();
}

function drawScript(told, rules) {
  $('script-name').textContent = told.script.name;
  const select = $('ready').elements.name;
  if (select.length !== told.ready.length) {
    select.replaceChildren(...told.ready.map(({ name }) => el('option', { value: name }, name)));
    state.ready = new Map(told.ready.map(({ name, about }) => [name, about]));
    select.value = state.ready.has(told.script.name) ? told.script.name : told.ready[0].name;
  }
  $('about').textContent = state.ready.get(select.value) ?? '';
  $('rules').replaceChildren(...rules.map((one) => el('li', {},
    el('code', {}, JSON.stringify(one.rule)),
    el('span', { class: 'quiet' }, `spoke ${one.spoke} of ${one.events} times${one.apiKey ? ` · for ${one.apiKey}` : ''}`))));
}

function drawVerdict(findings) {
  const bad = findings.filter((one) => one.grade === 'bad').length;
  $('verdict-count').textContent = findings.length === 0 ? 'nothing yet' : bad ? `${bad} bad` : 'nothing bad';
  $('verdict').replaceChildren(...findings.map((one) => el('li', {},
    el('span', {}, el('span', { class: `badge ${one.grade}` }, one.grade), ' ', one.what, one.fact ? el('code', {}, ` [${one.fact}]`) : null),
    el('span', { class: 'quiet' }, one.why),
    one.advice ? el('span', {}, `→ ${one.advice}`) : null)));
}

// -- what the reader does ---------------------------------------------------------------------------------

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  const { advance, fault } = button.dataset;
  if (advance) act(() => call('POST', 'clock', { advance: advance === 'due' ? 'due' : Number(advance) }));
  if (fault) act(() => call('POST', 'rules', { on: 'turn', nth: 1, then: [JSON.parse(fault)] }));
  if (button.id === 'reset') act(() => call('POST', 'reset'));
});

$('ready').addEventListener('submit', (event) => {
  event.preventDefault();
  act(() => call('PUT', `script?name=${encodeURIComponent(event.target.elements.name.value)}`));
});

$('ready').addEventListener('change', () => { $('about').textContent = state.ready.get($('ready').elements.name.value) ?? ''; });

$('mint').addEventListener('submit', (event) => {
  event.preventDefault();
  const { uses, minutes, apiKey, model } = Object.fromEntries(new FormData(event.target));
  const body = { uses: Number(uses), apiKey, expireTime: new Date(Date.now() + Number(minutes) * 60_000).toISOString() };
  if (model) body.bidiGenerateContentSetup = { model };
  act(async () => {
    const { name } = await call('POST', 'tokens', body);
    $('minted').querySelector('output').textContent = name;
    $('minted').hidden = false;
  });
});

$('minted').querySelector('button').addEventListener('click', (event) => {
  navigator.clipboard?.writeText($('minted').querySelector('output').textContent).then(() => { event.target.textContent = 'Copied'; });
});

$('play').addEventListener('submit', (event) => {
  event.preventDefault();
  const { json, apiKey } = Object.fromEntries(new FormData(event.target));
  const query = apiKey ? `?apiKey=${encodeURIComponent(apiKey)}` : '';
  act(async () => {
    const given = JSON.parse(json);
    await (event.submitter?.value === 'rule' ? call('POST', `rules${query}`, given) : call('PUT', `script${query}`, given));
  });
});

$('filters').addEventListener('submit', (event) => event.preventDefault());
$('search').addEventListener('input', filter);
$('show').addEventListener('change', filter);
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '')) {
    event.preventDefault();
    $('search').focus();
  }
});

// -- following --------------------------------------------------------------------------------------------

function forget(before) {
  for (const [name, connection] of state.connections) {
    if (connection.number >= before) continue;
    connection.node?.remove();
    state.connections.delete(name);
  }
  state.fresh.clear();
  filter();
}

function link(look, text) {
  $('link').className = `link ${look}`;
  $('link-text').textContent = text;
}

function follow() {
  const source = new EventSource(`journal?follow=true${token ? `&token=${encodeURIComponent(token)}` : ''}`);
  source.addEventListener('open', () => link('on', 'live'));
  source.addEventListener('error', () => link('off', 'not connected, trying again …'));
  source.addEventListener('hello', ({ data }) => {
    const told = JSON.parse(data);
    forget(told.run === state.run && told.first !== null ? told.first : Infinity);
    state.run = told.run;
    setClock(told);
    refresh();
  });
  source.addEventListener('changed', ({ data }) => {
    const told = JSON.parse(data);
    if (told.changed.includes('reset')) forget(Infinity);
    setClock(told);
    refreshSoon();
  });
  source.addEventListener('dropped', ({ data }) => link('on', `live; ${JSON.parse(data).count} entries were missed`));
  source.addEventListener('message', ({ data }) => take(JSON.parse(data)));
}

$('export').textContent = `export GOOGLE_GEMINI_BASE_URL=${location.origin.replace('https:', 'http:')}`;
setInterval(tick, 500);
follow();
