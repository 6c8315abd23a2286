// The question of the page: does my placement work, with which versions, and what do I write instead?

const chooser = { sdk: 0, date: 0, number: 0 };

/** The case of the README where it was run, else the first placement that does not work everywhere. */
function firstChoice() {
  const wanted = SLUGS.get('create:call=v1alpha/connect:none');
  const order = ['js', 'python', 'web'].map((name) => SDKS.findIndex((sdk) => sdk.name === name)).filter((sdk) => sdk >= 0);
  for (const sdk of [...order, ...SDKS.keys()]) {
    for (const date of DATES.keys()) {
      const there = PLACED.filter((number) => GRID.has(rowKey(sdk, date, number)));
      if (there.length) {
        const fails = there.find((number) => breaks(sdk, date, number).length);
        return { sdk, date, number: there.includes(wanted) ? wanted : fails ?? there[0] };
      }
    }
  }
  return null;
}

/** The versions that have tokens and in which a placement does not work. */
function breaks(sdk, date, number) {
  return [...SDKS[sdk].versions.keys()].filter((version) => {
    const kind = kindAt(sdk, date, number, version);
    return kind !== null && kind.verdict !== 'works' && kind.verdict !== 'absent';
  });
}

/** `choose=js/launch/create:…/connect:…` */
function readChoice() {
  const [name, day, ...slug] = at('choose').split('/');
  const choice = { sdk: SDKS.findIndex((sdk) => sdk.name === name), date: DATES.indexOf(day), number: SLUGS.get(slug.join('/')) };
  const there = choice.sdk >= 0 && choice.date >= 0 && GRID.has(rowKey(choice.sdk, choice.date, choice.number));
  return there ? choice : firstChoice();
}

function showChooser() {
  const choice = readChoice();
  if (!choice) return;
  byId('chooser').hidden = false;
  Object.assign(chooser, choice);
  drawChoices();
  drawAnswer();
}

/** Change a part of the choice, and the others where they do not go with it. */
function choose(part) {
  const choice = { ...chooser, ...part };
  if (!GRID.has(rowKey(choice.sdk, choice.date, choice.number))) {
    const there = PLACED.filter((number) => GRID.has(rowKey(choice.sdk, choice.date, number)));
    const same = there.filter((number) => CASES[number].create === CASES[choice.number].create);
    choice.number = same[0] ?? there[0] ?? chooser.number;
    if (!there.length) return drawChoices();
  }
  Object.assign(chooser, choice);
  go({ choose: `${SDKS[choice.sdk].name}/${DATES[choice.date]}/${CASES[choice.number].slug}` });
  const focused = document.activeElement;
  const [id, name, value] = [focused.id, focused.name, focused.value];
  drawChoices();
  const again = id ? byId(id) : [...byId('choices').elements].find((input) => input.name === name && input.value === value);
  if (again) again.focus();
  drawAnswer();
  return null;
}

function placedThere() {
  return PLACED.filter((number) => GRID.has(rowKey(chooser.sdk, chooser.date, number)));
}

function drawChoices() {
  const { create, connect } = CASES[chooser.number];
  const there = placedThere();
  const creates = [...new Set(there.map((number) => CASES[number].create))];
  const connects = there.filter((number) => CASES[number].create === create).map((number) => CASES[number].connect);
  const choices = (slugs, near) => slugs.map((slug) => [slug, placement(slug, near)]);
  const byPlacement = (backend, frontend) => there.find((number) => CASES[number].create === backend && CASES[number].connect === frontend)
    ?? there.find((number) => CASES[number].create === backend);
  replace(byId('choices'),
    segmented('sdk', 'SDK', [...SDKS.keys()].filter((sdk) => DATES.some((day, date) => PLACED.some((number) => GRID.has(rowKey(sdk, date, number)))))
      .map((sdk) => [String(sdk), SDKS[sdk].title]), String(chooser.sdk), (value) => choose({ sdk: Number(value) })),
    picker('choose-create', 'The backend sets it', choices(creates, nearCreate(chooser.sdk)), create,
      (value) => choose({ number: byPlacement(value, connect) })),
    picker('choose-connect', 'The frontend sets it', choices(connects, nearConnect()), connect,
      (value) => choose({ number: byPlacement(create, value) })),
    segmented('date', 'The service, as it was at', DATES.map((day, date) => [String(date), dateTitle(date)]),
      String(chooser.date), (value) => choose({ date: Number(value) })));
}

function drawAnswer() {
  const { sdk, date, number } = chooser;
  const there = [...SDKS[sdk].versions.keys()].filter((version) => kindAt(sdk, date, number, version));
  const kinds = new Map(there.map((version) => [version, kindAt(sdk, date, number, version)]));
  const parts = spans(there, (version) => kinds.get(version).label + kinds.get(version).status);
  replace(byId('answer'), headline(kinds), strip(parts, kinds), instead(),
    h('div', { class: 'spans' }, explained(there, kinds).map(spanCard)));
}

/** What is shown for which versions: what does not work first, what was not there yet last. */
function explained(there, kinds) {
  const found = new Map();
  for (const version of there) {
    const kind = kinds.get(version);
    const key = spanKey(kind);
    found.set(key, { kind, versions: [...(found.get(key)?.versions || []), version] });
  }
  const order = ({ kind }) => ({ works: 1, absent: 3 }[kind.verdict ?? ''] ?? (kind.verdict === null ? 2 : 0));
  const newest = ({ versions }) => versions[versions.length - 1];
  return [...found.values()].sort((a, b) => order(a) - order(b) || newest(b) - newest(a));
}

const spanKey = (kind) => [kind.label, kind.status, kind.reason, kind.fix].join(' ');

/** Neighbours among the versions there are. */
function spans(there, keyOf) {
  return runs(there.length, (place) => keyOf(there[place])).map(({ from, to }) => (
    { from: there[from], to: there[to], versions: there.slice(from, to + 1) }));
}

function headline(kinds) {
  const all = [...kinds.values()];
  const of = (test) => all.filter(test).length;
  const lacking = of((kind) => kind.verdict === 'absent');
  const unknown = of((kind) => kind.verdict === null);
  const able = all.length - lacking - unknown;
  const good = of((kind) => kind.label === 'works' && !isFinding(kind));
  const rest = [lacking ? `${count(lacking, 'older version has', 'older versions have')} no tokens at all` : '',
    unknown ? `${count(unknown, 'version was', 'versions were')} not measured` : ''].filter(Boolean).join(', ');
  const with_ = count(able, 'version with tokens', 'versions with tokens');
  const said = good === able ? `Works in all ${with_}.` : `Works in ${good || 'none'} of ${with_}.`;
  return h('p', { class: 'headline' }, able ? said : 'No version that was measured has tokens.',
    rest ? h('span', { class: 'rest' }, ` ${rest}.`) : null);
}

/** All versions in one line, as wide as there are many. */
function strip(parts, kinds) {
  const { sdk, date, number } = chooser;
  return h('div', { class: 'strip', role: 'group', 'aria-label': 'All versions, oldest first' }, parts.map((part) => {
    const kind = kinds.get(part.to);
    const segment = h('button', { type: 'button', class: look(kind),
      'aria-label': `${span(sdk, part.from, part.to)}: ${saying(kind)}; opens the story of ${SDKS[sdk].versions[part.to]}`,
      onclick: () => openStory({ sdk, date, number, version: part.to }) },
    h('span', { class: 'label' }, h('span', { class: 'sign', 'aria-hidden': 'true' }, signOf(kind)), ` ${saying(kind)}`),
    h('span', { class: 'versions' }, span(sdk, part.from, part.to)));
    segment.style.flexGrow = String(Math.sqrt(part.versions.length)); // so that a single version can be read, too
    return segment;
  }));
}

/** Versions that are explained alike: what they show, why, and the fix. */
function spanCard({ kind, versions }) {
  const { sdk, date, number } = chooser;
  const newest = versions[versions.length - 1];
  return h('article', { class: 'span' },
    h('h3', {}, badge(kind), ' ', h('span', { class: 'range' }, rangesOf(sdk, versions)),
      versions.length > 1 ? h('span', { class: 'many' }, ` ${count(versions.length, 'version')}`) : null),
    h('p', {}, capital(textOf(kind.reason))),
    kind.label === 'works' ? null : fixOf(kind.fix, ''),
    h('button', { type: 'button', class: 'link', onclick: () => openStory({ sdk, date, number, version: newest }) },
      `what happened in ${SDKS[sdk].versions[newest]}, step by step`));
}

/** What is written now, and beside it the nearest placement that works in most versions, as measured. */
function instead() {
  const { sdk, date, number } = chooser;
  const code = DATA.code[SDKS[sdk].language];
  const now = CASES[number];
  const best = breaks(sdk, date, number).length ? bestPlacement(sdk, date, number) : null;
  const columns = [written('You write', code.create[now.create], code.connect[now.connect], () => false)];
  if (best !== null) {
    const lines = new Set(`${code.create[now.create]}\n${code.connect[now.connect]}`.split('\n'));
    const row = CASES[best.number];
    const title = `Write this instead: works in ${rangesOf(sdk, best.versions)}`;
    columns.push(written(title, code.create[row.create], code.connect[row.connect], (line) => !lines.has(line)));
  }
  return h('div', { class: 'instead' }, columns);
}

function written(title, create, connect, fresh) {
  return h('section', {}, h('h3', {}, title),
    h('p', { class: 'side' }, 'backend'), snippet(create, fresh), h('p', { class: 'side' }, 'frontend'), snippet(connect, fresh));
}

/** The placement that works in most versions; of those the one that also works on most dates, then the nearest. */
function bestPlacement(sdk, date, current) {
  const working = (number, day) => [...SDKS[sdk].versions.keys()].filter((version) => {
    const kind = kindAt(sdk, day, number, version);
    return kind !== null && kind.label === 'works' && !isFinding(kind);
  });
  const rated = placedThere().map((number) => ({
    number,
    versions: working(number, date),
    always: DATES.reduce((sum, day, place) => sum + working(number, place).length, 0),
    far: distance(current, number),
  }));
  rated.sort((a, b) => b.versions.length - a.versions.length || b.always - a.always || a.far - b.far);
  const best = rated[0];
  const now = working(current, date).length;
  return best && best.versions.length > now ? best : null;
}

/** How much of the code has to change: places that are set otherwise, then how much is set at all. */
function distance(one, other) {
  const places = (number) => Object.entries({ create: CASES[number].create, connect: CASES[number].connect })
    .flatMap(([side, slug]) => (slug === 'none' ? [] : slug.split(',').flatMap((part) => {
      const [names, value] = part.split('=');
      return names.split('+').map((name) => `${side} ${name} ${value}`);
    })));
  const [a, b] = [new Set(places(one)), new Set(places(other))];
  return [...a].filter((place) => !b.has(place)).length + [...b].filter((place) => !a.has(place)).length + b.size / 100;
}

/** Versions as ranges among all that were run. */
function rangesOf(sdk, versions) {
  const chosen = new Set(versions);
  return runs(SDKS[sdk].versions.length, (place) => chosen.has(place))
    .filter((part) => part.key).map((part) => span(sdk, part.from, part.to)).join(', ');
}
