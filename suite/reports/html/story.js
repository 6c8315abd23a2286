// The story of one cell: what the application did, what crossed the wire, what it saw, and why that was to be expected.

const story = { cell: null, back: null, alike: [] };

/** Open the story of a cell; `back` gets the focus when it is closed, `alike` are the cases told together with it. */
function openStory(cell, back = document.activeElement, alike = [cell.number]) {
  const dialog = byId('story');
  if (!dialog.open) Object.assign(story, { back, alike });
  story.cell = cell;
  go({ cell: cellId(cell) });
  replace(dialog, storyOf(cell));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  byId('story-title').focus();
}

function closeStory() {
  if (byId('story').open) byId('story').close();
}

/** The browser closes the dialog on Esc; what follows is ours. */
function storyClosed() {
  go({ cell: null });
  story.cell = null;
  const back = story.back && story.back.isConnected ? story.back : byId('matrix-title');
  story.back = null;
  back.focus();
}

function storyOf(cell) {
  const kind = kindAt(cell.sdk, cell.date, cell.number, cell.version);
  return h('article', {},
    storyHead(cell, kind),
    kind.differences.length ? surprises(kind) : h('p', { class: 'reason' }, capital(textOf(kind.reason))),
    fixOf(kind.fix, 'What to change'),
    kind.observed === null ? unmeasured(cell, kind) : kind.observed.map(([step, place]) => stepOf(step, DATA.seen[place], SDKS[cell.sdk].versions[cell.version])),
    because(kind));
}

function storyHead(cell, kind) {
  const { sdk, version, date, number } = cell;
  return h('header', {},
    h('div', { class: 'story-bar' },
      h('nav', { 'aria-label': 'Neighbouring versions' }, neighbour(cell, -1, '‹ older'), neighbour(cell, 1, 'newer ›')),
      copier(() => linkTo('cell', cellId(cell)), 'copy link'),
      h('button', { type: 'button', class: 'quiet', onclick: closeStory, 'aria-label': 'Close (Esc)' }, 'close')),
    story.alike.length < 2 ? null : picker('story-case', `${story.alike.length} cases look alike here; this is the story of`,
      story.alike.map((other) => [String(other), caseTitle(other)]), String(number),
      (value) => openStory({ ...cell, number: Number(value) })),
    h('h2', { id: 'story-title', tabindex: '-1' }, capital(caseTitle(number))),
    h('p', { class: 'where' }, badge(kind), ' ', h('span', {}, h('strong', {}, `${SDKS[sdk].title} ${SDKS[sdk].versions[version]}`),
      `, service date ${dateTitle(date)}`)),
    h('p', { class: 'about' }, alikeText(cell, kind), h('code', {}, cellId(cell))));
}

/** How far the same is seen. */
function alikeText({ sdk, version, date, number }, kind) {
  const kinds = SDKS[sdk].versions.map((name, place) => kindAt(sdk, date, number, place));
  const same = (other) => other !== null && other.label === kind.label && other.status === kind.status;
  let [from, to] = [version, version];
  while (from > 0 && same(kinds[from - 1])) from -= 1;
  while (to + 1 < kinds.length && same(kinds[to + 1])) to += 1;
  return from === to ? '' : `The same in ${span(sdk, from, to)}. `;
}

function neighbour(cell, step, label) {
  const { sdk, date, number } = cell;
  let version = cell.version + step;
  while (version >= 0 && version < SDKS[sdk].versions.length && !kindAt(sdk, date, number, version)) version += step;
  const there = version >= 0 && version < SDKS[sdk].versions.length;
  return h('button', { type: 'button', class: 'quiet', disabled: !there,
    onclick: () => openStory({ ...cell, version }) }, there ? `${label} (${SDKS[sdk].versions[version]})` : label);
}

/** What differs from the prediction. */
function surprises(kind) {
  return h('div', { class: 'panel found' },
    h('h3', {}, `${kind.status}: measured otherwise than predicted`),
    h('p', {}, `Predicted ${kind.predictedLabel}, measured ${kind.label}.`),
    h('ul', {}, kind.differences.map((place) => h('li', {}, textOf(place)))));
}

function unmeasured({ sdk, number }, kind) {
  const code = DATA.code[SDKS[sdk].language];
  const row = CASES[number];
  const text = row.topic === 'placement' ? `${code.create[row.create]}\n\n${code.connect[row.connect]}` : code.cases[row.slug];
  return h('section', { class: 'step' }, h('h3', {}, 'What would have been done'),
    h('p', { class: 'about' }, `Predicted: ${kind.predictedLabel}. Nothing was measured, so nobody knows.`), text ? snippet(text) : null);
}

/** A fix: words, and code to take along. */
function fixOf(place, title) {
  const [before, code, after] = DATA.fixes[place];
  if (!before && !code) return null;
  return h('div', { class: 'panel fix' }, title ? h('h3', {}, title) : null,
    h('p', {}, capital(before), code ? ':' : ''), code ? snippet(code) : null, after ? h('p', {}, after) : null);
}

function stepOf(step, seen, version) {
  if (seen.v === 'not reached') {
    return h('section', { class: 'step' }, h('h3', {}, STEPS[step] || step), h('p', { class: 'about' }, 'Not reached: the step before it failed.'));
  }
  const calls = seen.l.filter((line) => line[0] === APP).map((line) => line[2]);
  const code = calls.join('\n');
  return h('section', { class: 'step' },
    h('h3', {}, STEPS[step] || step, ' ', h('span', { class: `badge tone-${seen.v.replace(' ', '-')}` }, seen.v)),
    code ? snippet(code) : null, sequence(seen.l), sawOf(seen, version));
}

/** What the application saw: error, warnings, and what else was looked at. */
function sawOf(seen, version) {
  const rows = [];
  if (seen.e) {
    rows.push(['error', [h('code', {}, seen.e.c || 'without a class'), seen.e.m === null ? ' (message undefined)' : `: ${seen.e.m}`]]);
    if (seen.e.n !== null && seen.e.n !== undefined) rows.push(['code', String(seen.e.n)]);
    if (seen.e.r) rows.push(['reason', seen.e.r]);
    seen.e.b.forEach((cause) => rows.push(['caused by', cause]));
  }
  seen.w.forEach((warning) => rows.push(['warning', warning]));
  seen.s.forEach(([name, value]) => rows.push([name, value]));
  seen.u.forEach((client) => rows.push(['client', client.replace('VERSION', version)]));
  if (!rows.length) return null;
  return h('dl', { class: 'saw' }, rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

/** The rows from which the prediction follows: of the SDK's history, and facts about the service. */
function because(kind) {
  const told = new Set(kind.predicted.flatMap(([, place]) => DATA.expected[place].b));
  if (!told.size) return null;
  const facts = [...told].filter((text) => DATA.facts[text]);
  const rows = [...told].filter((text) => !DATA.facts[text]);
  return h('section', { class: 'because' }, h('h3', {}, 'Why this was to be expected'),
    rows.length ? h('table', {}, h('thead', {}, h('tr', {}, ['since', 'question', 'answer'].map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, rows.map(historyRow))) : null,
    facts.map(factOf));
}

function historyRow(text) {
  const [, sdk, since, question, answer] = text.match(/^(\S+) since (\S+): ([^:]+): ([^]*)$/) || [null, '', '', text, ''];
  return h('tr', {}, h('td', {}, `${sdk} ${since}`), h('td', {}, question), h('td', {}, h('code', {}, answer)));
}

function factOf(id) {
  const fact = DATA.facts[id];
  const dates = [fact.since ? `since ${fact.since}` : '', fact.until ? `until ${fact.until}` : ''].filter(Boolean).join(', ');
  return h('details', { class: 'fact', id: `fact-${id}` },
    h('summary', {}, h('strong', {}, id), ` ${fact.condition} `, h('span', { class: `confidence ${fact.confidence}` }, fact.confidence)),
    h('p', {}, `${capital(fact.confidence)}: ${CONFIDENCE[fact.confidence]}. ${capital(dates)}${dates ? '.' : ''}`),
    h('ul', {}, fact.sources.map((source) => h('li', {}, source))),
    fact.note ? h('p', { class: 'about' }, fact.note) : null);
}

/** A fact's id that leads to what is known of it, further down in the story. */
function factLink(id) {
  return h('button', { type: 'button', class: 'link', onclick: () => showFact(id) }, id);
}

function showFact(id) {
  const fact = byId(`fact-${id}`);
  if (!fact) return;
  fact.open = true;
  fact.querySelector('summary').focus();
}

/** A sentence's first letter, unless it begins with a name of code. */
const capital = (text) => (/^[a-z]+[\s,:]/.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text);
