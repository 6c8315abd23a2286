// The data of the page, as suite/reports/html/data.py wrote it, and how to read a cell.

const DATA = JSON.parse(document.getElementById('data').textContent);
const DATES = DATA.dates;
const SDKS = DATA.sdks;
const CASES = DATA.cases;
const ABOUT = DATA.about;
const NONE = -1;

const KINDS = DATA.kinds.map((row, place) => {
  const [status, verdict, label, signature, reason, fix, differences, observed, predicted, predictedLabel] = row;
  return { place, status, verdict, label, signature, reason, fix, differences, observed, predicted, predictedLabel };
});
const FOUND = ['FAIL', 'FIXED', 'DRIFT', 'BROKEN'];

/** For each SDK, date and case the kind of each version's cell. */
const GRID = new Map();
for (const [sdk, date, number, runs] of DATA.grid) {
  const kinds = new Int32Array(SDKS[sdk].versions.length);
  let at = 0;
  for (let n = 0; n < runs.length; n += 2) {
    kinds.fill(runs[n], at, at + runs[n + 1]);
    at += runs[n + 1];
  }
  GRID.set(rowKey(sdk, date, number), kinds);
}

const SLUGS = new Map(CASES.map((row, number) => [row.slug, number]));
const PLACED = CASES.map((row, number) => number).filter((number) => CASES[number].topic === 'placement');
const TOPICS = [...new Set(CASES.map((row) => row.topic))];

function rowKey(sdk, date, number) {
  return (sdk * DATES.length + date) * CASES.length + number;
}

/** The kind of a cell, or null where there is no such cell. */
function kindAt(sdk, date, number, version) {
  const kinds = GRID.get(rowKey(sdk, date, number));
  const place = kinds === undefined ? NONE : kinds[version];
  return place === NONE || place === undefined ? null : KINDS[place];
}

function isFinding(kind) {
  return FOUND.includes(kind.status);
}

/** What colour a cell has: its verdict, or that nothing was measured. */
function tone(kind) {
  return kind.verdict === null ? 'unmeasured' : kind.verdict.replace(' ', '-');
}

/** What a cell says: a finding says so first. */
function saying(kind) {
  if (kind.status === 'BROKEN') return 'not measured';
  if (kind.status === 'PASS') return kind.label;
  return `${kind.status}: ${kind.label}`;
}

function textOf(place) {
  return DATA.texts[place];
}

/** A cell's id, as the command line and the JSON report have it. */
function cellId({ sdk, version, date, number }) {
  return `${subject(sdk, version)}/${DATES[date]}/${CASES[number].slug}`;
}

function subject(sdk, version) {
  return SDKS[sdk].ids[version] ?? `${SDKS[sdk].name}==${SDKS[sdk].versions[version]}`;
}

/** The cell with this id, or null. */
function cellOf(id) {
  for (let sdk = 0; sdk < SDKS.length; sdk += 1) {
    const version = SDKS[sdk].versions.findIndex((name, place) => id.startsWith(`${subject(sdk, place)}/`));
    if (version < 0) continue;
    const [day, ...rest] = id.slice(subject(sdk, version).length + 1).split('/');
    const date = DATES.indexOf(day);
    const number = SLUGS.get(rest.join('/'));
    if (date >= 0 && number !== undefined && kindAt(sdk, date, number, version)) {
      return { sdk, version, date, number };
    }
  }
  return null;
}
