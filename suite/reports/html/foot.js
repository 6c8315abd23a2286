// What the page rests on, and what its words mean.

function showFoot() {
  const runsOf = ABOUT.merged || [ABOUT];
  const versions = SDKS.map(({ title, versions: names }) => `${title} ${names[0]}${names.length > 1 ? ` … ${names[names.length - 1]} (${names.length})` : ''}`);
  const cells = Object.values(DATA.counts).reduce((sum, number) => sum + number, 0);
  const told = Object.entries(DATA.counts).map(([status, number]) => `${number.toLocaleString('en')} ${status}`);
  const rows = [
    ['tool', [ABOUT.tool, ABOUT.tool_version].filter(Boolean).join(' ')],
    ['cells', `${cells.toLocaleString('en')}: ${told.join(', ')}`],
    ['versions', versions.join('; ')],
    ['service dates', DATES.map((day, date) => dateTitle(date)).join(', ')],
    ...runsOf.map((run) => ['command', run.command]),
    ['ran on', [ABOUT.python && `Python ${ABOUT.python}`, ABOUT.platform, `${DATA.seconds} s`].filter(Boolean).join(', ')],
  ];
  replace(byId('foot'), h('div', { class: 'foot-about' }, h('h2', {}, 'About this run'),
    h('dl', {}, rows.filter(([, value]) => value).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))))),
  meaning('What a verdict means', Object.entries(VERDICTS).filter(([name]) => name !== 'unmeasured')
    .map(([name, [sign, text]]) => [[h('span', { class: `badge tone-${name}` }, `${sign} ${name.replace('-', ' ')}`)], text])),
  meaning('What a status means', Object.entries(STATUSES)));
}

function meaning(title, rows) {
  return h('div', {}, h('h2', {}, title), h('dl', {}, rows.map(([name, text]) => h('div', {}, h('dt', {}, name), h('dd', {}, text)))));
}

/** In a sentence, on top: is all as predicted? */
function showLead() {
  const cells = Object.values(DATA.counts).reduce((sum, number) => sum + number, 0);
  const { PASS = 0, KNOWN = 0, BROKEN = 0 } = DATA.counts;
  const parts = [`${PASS.toLocaleString('en')} of ${count(cells, 'cell')} as predicted`];
  const otherwise = DATA.findings - BROKEN;
  if (otherwise) parts.push(`${otherwise.toLocaleString('en')} otherwise`);
  if (KNOWN) parts.push(`${KNOWN.toLocaleString('en')} known deviations`);
  if (BROKEN) parts.push(`${BROKEN.toLocaleString('en')} not measured`);
  const versions = SDKS.reduce((sum, sdk) => sum + sdk.versions.length, 0);
  replace(byId('lead'), `${count(versions, 'SDK version')} measured${ABOUT.target ? ` at ${ABOUT.target}, and with the mock` : ''}. ${parts.join(', ')}.`);
}
