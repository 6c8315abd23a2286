// Neighbouring versions that show the same, and placements that behave alike, told together.

/** Neighbours with the same key: [{from, to, key}]. */
function runs(length, keyOf, from = 0) {
  const found = [];
  for (let place = from; place < length; place += 1) {
    const key = keyOf(place);
    const last = found[found.length - 1];
    if (last && last.key === key) last.to = place;
    else found.push({ from: place, to: place, key });
  }
  return found;
}

/**
 * Placements as whole rectangles: each of `creates` with each of `connects`, so that a row says exactly what its
 * cases say. `anything` stands for all that there is with those creates.
 */
function rectangles(numbers, everything) {
  const tried = new Map();
  for (const number of everything) {
    const { create } = CASES[number];
    tried.set(create, (tried.get(create) || 0) + 1);
  }
  const byCreate = new Map();
  for (const number of numbers) {
    const { create } = CASES[number];
    byCreate.set(create, [...(byCreate.get(create) || []), number]);
  }
  const found = new Map();
  for (const [create, those] of byCreate) {
    const key = those.map((number) => CASES[number].connect).join(' ');
    const rectangle = found.get(key) || { creates: [], connects: those.map((number) => CASES[number].connect), cases: [] };
    rectangle.creates.push(create);
    rectangle.cases.push(...those);
    found.set(key, rectangle);
  }
  for (const rectangle of found.values()) {
    const { connects } = rectangle;
    const whole = rectangle.creates.every((create) => tried.get(create) === connects.length);
    if (whole && connects.length > 1) rectangle.connects = ['anything'];
  }
  return [...found.values()];
}

/** A slug that may be broken at its commas. */
const breakable = (slug) => slug.split(/(?<=,)/).flatMap((part, place) => (place ? [h('wbr'), part] : [part]));

/** The head of a row: placements on both sides, or behaviours with their titles. */
function rowHead(row) {
  if (!row.creates) {
    return row.cases.map((number) => h('div', { class: 'behaviour', title: CASES[number].slug }, CASES[number].title || CASES[number].slug));
  }
  const list = (slugs) => h('span', { class: 'slugs' }, slugs.map((slug) => h('code', {}, breakable(slug))));
  return h('div', { class: 'placed' }, list(row.creates), h('span', { class: 'to', 'aria-label': 'then' }, '→'), list(row.connects));
}
