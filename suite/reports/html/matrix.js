// The matrix: what is shown of it, and the table itself.

const matrix = { rows: [], columns: [], opened: new Set() };

/** The filter, as the address has it. */
function filterNow() {
  const wanted = at('sdk', SDKS[chooser.sdk]?.name);
  const chosen = [...SDKS.keys()].filter((sdk) => wanted === 'all' || SDKS[sdk].name === wanted);
  const sdks = (chosen.length ? chosen : [0]).map((sdk) => {
    const { versions } = SDKS[sdk];
    const [from, to] = [versions.indexOf(at('from')), versions.indexOf(at('to'))];
    const first = from < 0 ? 0 : from;
    return { sdk, from: first, to: to < 0 ? versions.length - 1 : Math.max(first, to) };
  });
  return {
    sdks,
    all: wanted === 'all',
    date: at('date'),
    topic: at('topic'),
    verdict: at('verdict'),
    status: at('status'),
    text: at('text'),
    columns: at('columns', 'label'),
    rows: at('rows', 'alike'),
  };
}

function showMatrix() {
  byId('matrix').hidden = !CASES.length;
  drawFilters();
  drawMatrix();
  drawLegend();
}

function drawFilters() {
  const filter = filterNow();
  const [{ sdk, from, to }] = filter.sdks;
  const change = (name) => (value) => { go({ [name]: value }); drawMatrix(); };
  const versions = SDKS[sdk].versions;
  const sdks = [...SDKS.map((row) => [row.name, row.title]), ...(SDKS.length > 1 ? [['all', 'all SDKs']] : [])];
  const verdicts = [...new Set(KINDS.map((kind) => kind.verdict ?? 'not measured'))];
  const statuses = [...new Set(KINDS.map((kind) => kind.status))];
  replace(byId('filters'),
    picker('filter-sdk', 'SDK', sdks, filter.all ? 'all' : SDKS[sdk].name, (value) => {
      go({ sdk: value, from: null, to: null });
      drawFilters();
      drawMatrix();
      byId('filter-sdk').focus();
    }),
    filter.all ? null : picker('filter-from', 'from', versions.map((name) => [name, name]), versions[from],
      (value) => change('from')(value === versions[0] ? null : value)),
    filter.all ? null : picker('filter-to', 'to', versions.map((name) => [name, name]), versions[to],
      (value) => change('to')(value === versions[versions.length - 1] ? null : value)),
    picker('filter-date', 'service date', [['', 'every'], ...DATES.map((day) => [day, day])], filter.date, change('date')),
    picker('filter-topic', 'topic', [['', 'everything'], ...TOPICS.map((topic) => [topic, topic])], filter.topic, change('topic')),
    picker('filter-verdict', 'verdict', [['', 'any'], ...verdicts.map((verdict) => [verdict, verdict])], filter.verdict, change('verdict')),
    picker('filter-status', 'status', [['', 'any'], ['findings', 'findings only'], ...statuses.map((status) => [status, status])],
      filter.status, change('status')),
    searchBox(filter, change('text')),
    picker('filter-columns', 'columns', [['label', 'by verdict'], ['anything', 'by anything seen'], ['each', 'every version']],
      filter.columns, change('columns')),
    picker('filter-rows', 'rows', [['alike', 'alike together'], ['each', 'every case']], filter.rows, change('rows')),
    h('button', { type: 'button', class: 'quiet', onclick: clearFilters }, 'clear'));
}

function searchBox(filter, change) {
  const known = [...new Set(PLACED.flatMap((number) => [CASES[number].create, CASES[number].connect]))];
  return h('div', { class: 'picker wide' }, h('label', { for: 'filter-text' }, 'configuration or text'),
    h('input', { id: 'filter-text', type: 'search', value: filter.text, list: 'known', autocomplete: 'off',
      placeholder: 'call=v1alpha, closes …', oninput: (event) => change(event.target.value) }),
    h('datalist', { id: 'known' }, known.map((slug) => h('option', { value: slug }))));
}

function clearFilters() {
  go(Object.fromEntries(['from', 'to', 'date', 'topic', 'verdict', 'status', 'text', 'columns', 'rows'].map((name) => [name, null])));
  drawFilters();
  drawMatrix();
}

function drawMatrix() {
  const filter = filterNow();
  const rows = rowsOf(filter);
  const columns = columnsOf(rows, filter, matrix.opened);
  const groups = groupsOf(rows, columns, filter);
  matrix.columns = columns;
  matrix.rows = groups.flatMap((group) => group.rows);
  const versions = filter.sdks.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  byId('shown').textContent = `${count(rows.length, 'case')} in ${count(versions, 'version')}, `
    + `shown as ${count(matrix.rows.length, 'row')} and ${count(columns.length, 'column')}.`;
  replace(byId('box'), rows.length ? table(groups, rows, filter) : h('p', { class: 'empty' }, 'No cell is like that: clear a filter.'));
  gridReady(byId('box').querySelector('table'));
}

function table(groups, rows, filter) {
  let place = -1;
  const bodies = groups.map((group) => h('tbody', {},
    h('tr', { class: 'group', 'data-skip': '' }, h('th', { colspan: matrix.columns.length + 1, scope: 'rowgroup' }, h('span', {}, group.title))),
    group.rows.map((row) => { place += 1; return line(row, place, filter); })));
  return h('table', { role: 'grid', 'aria-label': 'The matrix', 'aria-describedby': 'shown' },
    h('thead', {}, filter.sdks.length > 1 ? sdkHeads(filter) : null, versionHeads(), changeHeads(rows)), bodies);
}

function sdkHeads(filter) {
  return h('tr', { class: 'sdks', 'data-skip': '' }, h('td', {}), filter.sdks.map(({ sdk }) => h('th',
    { scope: 'colgroup', colspan: matrix.columns.filter((column) => column.sdk === sdk).length }, h('span', {}, SDKS[sdk].title))));
}

function versionHeads() {
  return h('tr', { class: 'versions' }, h('th', { scope: 'col', class: 'corner', tabindex: '-1' }, 'case'), matrix.columns.map((column) => {
    const names = SDKS[column.sdk].versions;
    if (column.from === column.to) {
      const close = column.parent ? h('button', { type: 'button', tabindex: '-1', title: 'close this range', 'aria-expanded': 'true',
        onclick: () => toggle(column.parent) }, names[column.from]) : names[column.from];
      return h('th', { scope: 'col', tabindex: '-1', class: column.parent ? 'opened' : '' }, close);
    }
    return h('th', { scope: 'col', tabindex: '-1' }, h('button', { type: 'button', tabindex: '-1', 'aria-expanded': 'false',
      title: `open these ${column.to - column.from + 1} versions`, onclick: () => toggle(column.name) },
    names[column.from], h('span', { class: 'until' }, `… ${names[column.to]}`)));
  }));
}

function toggle(name) {
  if (matrix.opened.has(name)) matrix.opened.delete(name);
  else matrix.opened.add(name);
  drawMatrix();
  const place = matrix.columns.findIndex((column) => column.name === name || column.parent === name);
  byId('box').querySelector('.versions')?.cells[place + 1]?.focus();
}

/** How many cells differ from the column before; leads to what differs. */
function changeHeads(rows) {
  return h('tr', { class: 'deltas' }, h('th', { scope: 'row', class: 'corner', tabindex: '-1' }, 'changes since the version before'),
    matrix.columns.map(({ sdk, from }, place) => {
      const before = matrix.columns[place - 1];
      if (!before || before.sdk !== sdk) return h('td', { tabindex: '-1' });
      const found = changesBetween(sdk, before.to, from, rows);
      if (!found) return h('td', { tabindex: '-1' }, '0');
      const label = `${count(found, 'cell')} differ between ${SDKS[sdk].versions[before.to]} and ${SDKS[sdk].versions[from]}`;
      return h('td', { tabindex: '-1' }, h('button', { type: 'button', tabindex: '-1', title: label, 'aria-label': label,
        onclick: () => compare(sdk, before.to, from) }, `Δ ${found}`));
    }));
}

function line(row, place, filter) {
  return h('tr', {}, h('th', { scope: 'row', tabindex: '-1' }, rowHead(row)), matrix.columns.map((column, across) => {
    const kind = kindAt(column.sdk, row.date, row.cases[0], column.to);
    if (kind === null) return h('td', { class: 'none', tabindex: '-1' });
    const faint = (filter.verdict || filter.status) && !passes(kind, filter) ? ' faint' : '';
    return h('td', { class: `cell ${look(kind)}${faint}`, tabindex: '-1', 'data-at': `${place} ${across}` },
      h('span', { class: 'sign', 'aria-hidden': 'true' }, signOf(kind)), ` ${saying(kind)}`);
  }));
}

/** Open the cell behind a place in the table: the first case of its row, in the newest version of its column. */
function openCell(element) {
  const [cell, alike] = cellAt(element);
  openStory(cell, element, alike);
}

function cellAt(element) {
  const [place, across] = element.dataset.at.split(' ').map(Number);
  const [row, column] = [matrix.rows[place], matrix.columns[across]];
  return [{ sdk: column.sdk, version: column.to, date: row.date, number: row.cases[0] }, row.cases];
}

function drawLegend() {
  const tones = [...new Set(KINDS.map(tone))];
  const sign = (name, extra = '') => h('span', { class: `badge tone-${name}${extra}` }, h('span', { class: 'sign', 'aria-hidden': 'true' }, extra === ' found' ? '≠' : VERDICTS[name][0]));
  replace(byId('legend'), tones.map((name) => h('span', {}, sign(name), ` ${name === 'unmeasured' ? 'not measured' : name.replace('-', ' ')}`)),
    h('span', {}, sign('works', ' found'), ' otherwise than predicted'), h('span', {}, sign('works', ' known'), ' known deviation'));
}
