// What differs between two versions of an SDK: label, requests, class of the error, warnings.

const pair = { sdk: 0, one: 0, other: 0 };

/** `changes=js==2.32.0..js==3.1.0`, else the neighbours that differ most. */
function readPair() {
  const wanted = at('changes');
  for (const sdk of SDKS.keys()) {
    const places = [...SDKS[sdk].versions.keys()];
    const one = places.find((place) => wanted.startsWith(`${subject(sdk, place)}..`));
    const other = places.find((place) => one !== undefined && wanted === `${subject(sdk, one)}..${subject(sdk, place)}`);
    if (other !== undefined) return { sdk, one, other };
  }
  return widest(chooser.sdk);
}

function widest(sdk) {
  const rows = allRows(sdk);
  let best = [0, 0, 0];
  for (let place = 1; place < SDKS[sdk].versions.length; place += 1) {
    const found = changesBetween(sdk, place - 1, place, rows, (kind) => kind !== null && kind.verdict !== null);
    if (found >= best[0]) best = [found, place - 1, place];
  }
  return { sdk, one: best[1], other: best[2] };
}

/** Show what changes from one version to another, and go there. */
function compare(sdk, one, other) {
  go({ changes: `${subject(sdk, one)}..${subject(sdk, other)}` });
  showChanges();
  toSection('changes-title');
}

function showChanges() {
  if (!SDKS.some((sdk) => sdk.versions.length > 1)) return;
  byId('changes').hidden = false;
  Object.assign(pair, readPair());
  drawPair();
  drawChanges();
}

function setPair(part) {
  Object.assign(pair, part);
  go({ changes: `${subject(pair.sdk, pair.one)}..${subject(pair.sdk, pair.other)}` });
  const { id } = document.activeElement;
  drawPair();
  if (id) byId(id)?.focus();
  drawChanges();
}

function drawPair() {
  const versions = SDKS[pair.sdk].versions.map((name, place) => [String(place), name]);
  replace(byId('pair'),
    picker('pair-sdk', 'SDK', SDKS.map((sdk, place) => [String(place), sdk.title]), String(pair.sdk), (value) => setPair(widest(Number(value)))),
    picker('pair-one', 'from', versions, String(pair.one), (value) => setPair({ one: Number(value) })),
    picker('pair-other', 'to', versions, String(pair.other), (value) => setPair({ other: Number(value) })),
    h('button', { type: 'button', class: 'quiet', id: 'pair-back', onclick: () => step(-1) }, '‹ change before'),
    h('button', { type: 'button', class: 'quiet', id: 'pair-on', onclick: () => step(1) }, 'next change ›'));
}

/** On to the neighbours between which something changes. */
function step(direction) {
  const { sdk } = pair;
  const rows = allRows(sdk);
  const start = direction > 0 ? Math.max(pair.one, pair.other) : Math.min(pair.one, pair.other) - 1;
  for (let one = start; one >= 0 && one + 1 < SDKS[sdk].versions.length; one += direction) {
    if (changesBetween(sdk, one, one + 1, rows)) return setPair({ one, other: one + 1 });
  }
  return announce('no further change');
}

const allRows = (sdk) => rowsOf({ sdks: [{ sdk, from: 0, to: SDKS[sdk].versions.length - 1 }], text: '' });

function drawChanges() {
  const { sdk, one, other } = pair;
  const alike = new Map();
  let found = 0;
  for (const { date, number } of allRows(sdk)) {
    const [a, b] = [kindAt(sdk, date, number, one), kindAt(sdk, date, number, other)];
    if ((a?.signature ?? NONE) === (b?.signature ?? NONE)) continue;
    found += 1;
    const parts = differing(a, b);
    const key = JSON.stringify([a && saying(a), b && saying(b), parts, date, CASES[number].topic === 'placement']);
    if (!alike.has(key)) alike.set(key, { a, b, parts, date, numbers: [] });
    alike.get(key).numbers.push(number);
  }
  const names = SDKS[sdk].versions;
  const groups = [...alike.values()].sort((x, y) => weight(y) - weight(x));
  replace(byId('changed'),
    h('p', { class: 'headline' }, found ? `${count(found, 'cell')} differ between ${names[one]} and ${names[other]}` : `Nothing differs between ${names[one]} and ${names[other]}`,
      found ? `, in ${count(groups.length, 'way')}.` : '.'),
    groups.map(changeCard));
}

/** A change of the verdict comes before one of a warning. */
const weight = ({ a, b, numbers }) => (a && b && a.label !== b.label ? 10000 : 0) + numbers.length;

function changeCard({ a, b, parts, date, numbers }) {
  const { sdk, one, other } = pair;
  const side = (kind, version) => (kind === null ? h('span', { class: 'badge tone-none' }, 'not asked')
    : h('button', { type: 'button', class: 'plain', 'aria-label': `${saying(kind)} in ${SDKS[sdk].versions[version]}: its story`,
      onclick: () => openStory({ sdk, date, number: numbers[0], version }) }, badge(kind)));
  const placed = numbers.every((number) => CASES[number].topic === 'placement');
  const rows = placed ? rectangles(numbers, PLACED) : [{ cases: numbers }];
  return h('article', { class: 'change' },
    h('h3', {}, side(a, one), h('span', { class: 'to', 'aria-label': 'becomes' }, '→'), side(b, other),
      h('span', { class: 'many' }, ` ${count(numbers.length, 'case')}${placed ? `, ${DATES[date]}` : ''}`)),
    parts.length ? h('ul', { class: 'diff' }, parts.map(([sign, what, text]) => h('li', { class: sign === '−' ? 'less' : 'more' },
      h('span', { class: 'sign' }, sign), h('span', { class: 'what' }, what), h('span', {}, text)))) : null,
    h('details', { open: numbers.length < 4 }, h('summary', {}, 'where'), h('div', { class: 'cases' }, rows.map(rowHead))));
}

/** What is gone and what is new: ['−', 'request', text]. */
function differing(a, b) {
  if (a === null || b === null || a.observed === null || b.observed === null) return [];
  const [before, after] = [traits(a), traits(b)];
  const less = [...before].filter((trait) => !after.has(trait)).map((trait) => ['−', ...trait.split('\t')]);
  const more = [...after].filter((trait) => !before.has(trait)).map((trait) => ['+', ...trait.split('\t')]);
  return [...less, ...more];
}

function traits(kind) {
  const found = new Set();
  for (const [, place] of kind.observed) {
    const seen = DATA.seen[place];
    seen.x.forEach((wire) => found.add(`request\t${wire}`));
    if (seen.e) found.add(`error\t${seen.e.c}`);
    seen.w.forEach((warning) => found.add(`warning\t${warning.split('\n')[0]}`));
  }
  return found;
}
