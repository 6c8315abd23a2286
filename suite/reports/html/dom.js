// Elements are built, never parsed: what an SDK says is only ever text.

/** h('a', {class: 'x', href: '#', onclick: f}, 'text', element, [more], null) */
function h(name, settings = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(settings)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  fill(element, children);
  return element;
}

function fill(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

function replace(element, ...children) {
  element.replaceChildren();
  fill(element, children);
}

function byId(id) {
  return document.getElementById(id);
}

/** Code to read and to take along; lines for which `fresh` is true are marked. */
function snippet(text, fresh = () => false) {
  const body = h('code');
  text.split('\n').forEach((line, number) => {
    if (number) body.append('\n');
    body.append(fresh(line) ? h('mark', {}, line) : line);
  });
  return h('div', { class: 'snippet' }, h('pre', { tabindex: '0' }, body), copier(() => text, 'copy'));
}

/** A button that puts a text on the clipboard and says so. */
function copier(text, label) {
  const button = h('button', { type: 'button', class: 'copy', onclick: () => copy(text(), button, label) }, label);
  return button;
}

async function copy(text, button, label) {
  let said = 'copied';
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    said = copyOldWay(text, button) ? 'copied' : 'select and copy';
  }
  button.textContent = said;
  announce(said);
  setTimeout(() => { button.textContent = label; }, 1500);
}

/** Where a page from a file has no clipboard. */
function copyOldWay(text, button) {
  const area = h('textarea', { class: 'aside' });
  area.value = text;
  button.after(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  button.focus();
  return done;
}

/** Says something to whoever listens to the page instead of looking at it. */
function announce(text) {
  byId('said').textContent = text;
}

/** A choice out of a few that are all seen: radio buttons. */
function segmented(name, legend, choices, chosen, onchoice) {
  const inputs = choices.map(([value, label]) => h('label', {},
    h('input', { type: 'radio', name, value, checked: value === chosen, onchange: () => onchoice(value) }),
    h('span', {}, label)));
  return h('fieldset', { class: 'segmented' }, h('legend', {}, legend), h('div', {}, inputs));
}

/** A choice out of many: [[value, label]] or {group: [[value, label]]}. */
function picker(id, label, choices, chosen, onchoice) {
  const option = ([value, text]) => h('option', { value, selected: value === chosen }, text);
  const options = Array.isArray(choices)
    ? choices.map(option)
    : Object.entries(choices).map(([group, those]) => h('optgroup', { label: group }, those.map(option)));
  const select = h('select', { id, onchange: (event) => onchoice(event.target.value) }, options);
  return h('div', { class: 'picker' }, h('label', { for: id }, label), select);
}
