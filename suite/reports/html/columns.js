// Which rows and columns the matrix has: neighbours that show the same are one.

/** What a cell shows, as a number: by its label, or by anything that can differ. */
const LABELS = new Map();
for (const kind of KINDS) {
  const key = `${kind.status} ${kind.label}`;
  if (!LABELS.has(key)) LABELS.set(key, LABELS.size);
  kind.shown = LABELS.get(key);
  kind.anything = kind.signature * Object.keys(STATUSES).length + Object.keys(STATUSES).indexOf(kind.status);
}

/** The rows of the chosen SDKs that pass the filter: [{date, number}]. */
function rowsOf(filter) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [];
  for (const [date, day] of DATES.entries()) {
    if (filter.date && filter.date !== day) continue;
    for (const [number, row] of CASES.entries()) {
      if (filter.topic && row.topic !== filter.topic) continue;
      const text = `${row.slug} ${row.title}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
      if (filter.sdks.some(({ sdk }) => GRID.has(rowKey(sdk, date, number)))) rows.push({ date, number });
    }
  }
  if (!filter.verdict && !filter.status) return rows;
  return rows.filter(({ date, number }) => filter.sdks.some(({ sdk, from, to }) => {
    for (let version = from; version <= to; version += 1) {
      const kind = kindAt(sdk, date, number, version);
      if (kind !== null && passes(kind, filter)) return true;
    }
    return false;
  }));
}

/** Whether a cell is one of those that are looked for. */
function passes(kind, filter) {
  if (filter.verdict && (kind.verdict ?? 'not measured') !== filter.verdict) return false;
  if (!filter.status) return true;
  return filter.status === 'findings' ? isFinding(kind) : kind.status === filter.status;
}

/** The columns: [{sdk, from, to, parent}]; an opened range is a column for each version. */
function columnsOf(rows, filter, opened) {
  const field = filter.columns === 'anything' ? 'anything' : 'shown';
  return filter.sdks.flatMap(({ sdk, from, to }) => {
    const keyOf = filter.columns === 'each' ? (version) => version : columnKey(sdk, rows, field);
    return runs(to + 1, keyOf, from).flatMap((run) => {
      const name = `${sdk} ${run.from} ${run.to}`;
      if (run.from === run.to || !opened.has(name)) return [{ sdk, from: run.from, to: run.to, name, parent: '' }];
      return [...Array(run.to - run.from + 1).keys()].map((n) => (
        { sdk, from: run.from + n, to: run.from + n, name: '', parent: name }));
    });
  });
}

function columnKey(sdk, rows, field) {
  const all = rows.map(({ date, number }) => GRID.get(rowKey(sdk, date, number)));
  return (version) => all.map((kinds) => (kinds && kinds[version] !== NONE ? KINDS[kinds[version]][field] : NONE)).join(' ');
}

/** Rows that show the same in every column are one: [{title, rows: [{date, cases, creates, connects}]}]. */
function groupsOf(rows, columns, filter) {
  const groups = new Map();
  for (const { date, number } of rows) {
    const { topic } = CASES[number];
    const key = `${topic === 'placement' ? 0 : 1} ${date} ${topic}`;
    if (!groups.has(key)) groups.set(key, { date, topic, numbers: [] });
    groups.get(key).numbers.push(number);
  }
  const placedFirst = [...groups.values()].sort((a, b) => (b.topic === 'placement') - (a.topic === 'placement'));
  return placedFirst.map(({ date, topic, numbers }) => ({
    title: groupTitle(topic, date),
    rows: merged(date, topic, numbers, columns, filter),
  }));
}

function groupTitle(topic, date) {
  return topic === 'placement' ? `Placements of the API version, service date ${dateTitle(date)}` : `Behaviour: ${topic}`;
}

function merged(date, topic, numbers, columns, filter) {
  const placed = topic === 'placement';
  const single = (number) => (placed
    ? { date, cases: [number], creates: [CASES[number].create], connects: [CASES[number].connect] }
    : { date, cases: [number] });
  if (filter.rows === 'each') return numbers.map(single);
  const field = filter.columns === 'anything' ? 'anything' : 'shown';
  const alike = new Map();
  for (const number of numbers) {
    const key = columns.map(({ sdk, to }) => kindAt(sdk, date, number, to)?.[field] ?? NONE).join(' ');
    alike.set(key, [...(alike.get(key) || []), number]);
  }
  const everything = PLACED.filter((number) => SDKS.some((row, sdk) => GRID.has(rowKey(sdk, date, number))));
  return [...alike.values()].flatMap((those) => (
    placed ? rectangles(those, everything).map((part) => ({ date, ...part })) : [{ date, cases: those }]));
}

/** How many cells differ between two versions of an SDK, in anything that is compared. */
function changesBetween(sdk, one, other, rows, isMeasured = () => true) {
  let found = 0;
  for (const { date, number } of rows) {
    const a = kindAt(sdk, date, number, one);
    const b = kindAt(sdk, date, number, other);
    if ((a?.signature ?? NONE) !== (b?.signature ?? NONE) && isMeasured(a) && isMeasured(b)) found += 1;
  }
  return found;
}
