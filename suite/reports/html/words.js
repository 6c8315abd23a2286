// The words of the page: what a verdict, a status and a placement mean.

const VERDICTS = {
  works: ['✓', 'a token was minted, a session opened and a turn completed; or the behaviour went as it should'],
  refused: ['⊘', 'an error the application can read; the number is the HTTP status or the close code'],
  silent: ['…', 'it fails and the application is not told'],
  hangs: ['∞', 'the call never returns, long after the server has done with the connection'],
  crashes: ['✕', 'the process ends'],
  absent: ['–', 'this SDK version has no such feature; the worker looked for it'],
  'not-reached': ['·', 'the step before it failed'],
  unmeasured: ['?', 'it could not be measured'],
};

const STATUSES = {
  PASS: 'measured as predicted: verdict, requests on the wire, error class, text where it is known, warnings',
  FAIL: 'measured otherwise than predicted: the SDK or the service has changed, or a table is wrong',
  KNOWN: 'a deviation that is recorded with its source',
  FIXED: 'a recorded deviation that is gone: fails until its row goes too',
  DRIFT: 'the real service does otherwise than the tables say; the mock bears them out',
  BROKEN: 'not measured, for instance because the version cannot be installed; never green',
};

const STEPS = {
  create: 'The backend mints a token',
  connect: 'The frontend opens a session',
  rest: 'A REST call',
  program: 'A program of its own',
};

const CONFIDENCE = {
  observed: 'seen on the wire',
  documented: 'Google says so',
  inferred: 'follows from what is seen or documented',
  guess: 'nobody has seen it',
};

const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/** A verdict with its sign: never by colour alone. */
function badge(kind) {
  return h('span', { class: `badge ${look(kind)}` },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, signOf(kind)), ` ${saying(kind)}`);
}

function signOf(kind) {
  return isFinding(kind) && kind.verdict !== null ? '≠' : VERDICTS[tone(kind)][0];
}

/** The classes by which a cell is coloured. */
function look(kind) {
  const status = { FAIL: ' found', FIXED: ' found', DRIFT: ' found', KNOWN: ' known' }[kind.status] || '';
  return `tone-${tone(kind)}${status}`;
}

/** `client+call=v1alpha` as a person says it. */
function placement(slug, near) {
  if (slug === 'none') return 'nowhere (the SDK’s default)';
  const said = slug.split(',').map((part) => {
    const [places, value] = part.split('=');
    const where = places.split('+').map((place) => (place === 'client' ? 'on the client' : near));
    return `${value} ${where.join(' and ')}`;
  });
  return said.join(', ');
}

const nearCreate = (sdk) => (SDKS[sdk].language === 'js' ? 'at authTokens.create' : 'at auth_tokens.create');
const nearConnect = () => 'at live.connect';

/** What a row is about. */
function caseTitle(number) {
  const row = CASES[number];
  return row.topic === 'placement' ? `API version at create: ${row.create}, at connect: ${row.connect}` : row.title;
}

/** The day behind a service date's name. */
function dateTitle(date) {
  const day = (ABOUT.service_dates || {})[DATES[date]];
  return day && day !== DATES[date] ? `${DATES[date]} (${day})` : DATES[date];
}

/** Versions from one to another. */
function span(sdk, from, to) {
  const names = SDKS[sdk].versions;
  return from === to ? names[from] : `${names[from]} … ${names[to]}`;
}
