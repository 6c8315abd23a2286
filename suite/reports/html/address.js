// Where a reader is, in the part of the address behind #: a link leads another reader there.

const address = { values: readAddress(), listeners: [] };

/** `#cell=js==2.32.0/launch/…&theme=dark` as a map; only the first = separates. */
function readAddress() {
  const parts = location.hash.slice(1).split('&').filter(Boolean);
  return new Map(parts.map((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [decoded(part), ''] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
  }));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encoded = (text) => encodeURIComponent(text).replace(/%(2F|3A|3D|2B|2C|40)/g, decodeURIComponent);

/** Set values (null takes one out) without leaving the page. */
function go(changes) {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') address.values.delete(name);
    else address.values.set(name, String(value));
  }
  const hash = [...address.values].map(([name, value]) => `${name}=${encoded(value)}`).join('&');
  const place = location.pathname + location.search + (hash ? `#${hash}` : '');
  try {
    history.replaceState(null, '', place);
  } catch {
    location.replace(`#${hash}`); // a page from a file, in some browsers
  }
}

const at = (name, otherwise = '') => address.values.get(name) ?? otherwise;

/** The address of this page with these values alone. */
function linkTo(name, value) {
  return `${location.href.split('#')[0]}#${name}=${encoded(value)}`;
}

window.addEventListener('hashchange', () => {
  const values = readAddress();
  if (JSON.stringify([...values]) === JSON.stringify([...address.values])) return;
  address.values = values;
  address.listeners.forEach((listener) => listener());
});
