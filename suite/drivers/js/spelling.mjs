// How names are spelled, snake_case in the protocol and camelCase in this SDK, and what an option that was not
// given becomes: nothing.

// What is inside these is the application's data, not names of the SDK.
const VERBATIM = new Set([
  'args', 'extra_body', 'headers', 'labels', 'parameters_json_schema', 'properties', 'response',
  'response_json_schema',
]);

const TIMES = new Set(['expire_time', 'new_session_expire_time']);

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const same = (name) => name;

export function spell(value, rename = camel) {
  if (Array.isArray(value)) return value.map((inner) => spell(inner, rename));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [rename(name), VERBATIM.has(name) ? inner : spell(inner, rename)]),
  );
}

// An SDK may tell {} and undefined from nothing.
const isNothing = (value) =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

export const given = (options) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => !isNothing(value)));

export const httpOptions = (placed, rename = camel) => given({ [rename('http_options')]: spell(placed ?? {}, rename) });

// The HTTP options of a session: an empty object of them is asked for by cases and is passed.
export const sessionOptions = (placed) => (placed ? { httpOptions: spell(placed) } : {});

// ---- What `authTokens.create` takes.

// How the names are written, and under which of them the constraints are.
const SPELLINGS = {
  camelCase: [camel, 'live_connect_constraints'],
  snake_case: [same, 'live_connect_constraints'],
  live_connect_constraints: [camel, 'live_connect_constraints'],
  live_ephemeral_parameters: [camel, 'live_ephemeral_parameters'],
};

export function tokenArguments({ config = {}, spelled = 'camelCase', beside = false, call }) {
  if (!Object.hasOwn(SPELLINGS, spelled)) {
    throw new Error(`spelled ${spelled}: expected one of ${Object.keys(SPELLINGS).join(', ')}`);
  }
  const [rename, constraintsName] = SPELLINGS[spelled];
  const fields = tokenFields(config, rename, constraintsName);
  const http = httpOptions(call, rename);
  return beside ? { ...fields, ...given({ config: http }) } : given({ config: { ...fields, ...http } });
}

function tokenFields({ constraints, lock_additional_fields: locked, ...rest }, rename, constraintsName) {
  const fields = Object.entries(rest).map(([name, value]) => [
    rename(name),
    TIMES.has(name) ? timeOf(value) : spell(value, rename),
  ]);
  if (constraints) fields.push([rename(constraintsName), spell(constraints, rename)]);
  // Its values are names too; null says that an application passes an explicit nothing.
  if (locked !== undefined) fields.push([rename('lock_additional_fields'), locked?.map(rename) ?? null]);
  return Object.fromEntries(fields);
}

// This SDK's type for times is a string; what the other forms become shows on the wire.
const TIME_FORMS = {
  aware: (time) => new Date(time),
  naive: (time) => time.replace(/(Z|[+-]\d\d:?\d\d)$/, ''),
  string: same,
};

function timeOf(value) {
  if (value === null || typeof value !== 'object') return value;
  if (!Object.hasOwn(TIME_FORMS, value.as)) {
    throw new Error(`time as ${value.as}: expected one of ${Object.keys(TIME_FORMS).join(', ')}`);
  }
  return TIME_FORMS[value.as](value.time);
}
