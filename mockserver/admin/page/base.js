'use strict';
// Shows what the control API tells, as it happens. Everything that comes from clients is set as text, never as markup.

const MAX_CONNECTIONS = 400; // older ones leave the page; the journal still has them
const MAX_ITEMS = 500; // of one connection
const token = new URLSearchParams(location.search).get('token');
const $ = (id) => document.getElementById(id);

const state = { run: '', clock: { at: 0, now: 0, due: null }, connections: new Map(), fresh: new Set(), stale: false };

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') element.className = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

// -- the control API --------------------------------------------------------------------------------------

async function call(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.hint ? `${value.error} → ${value.hint}` : value.error);
  return value;
}

async function act(work) {
  $('problem').hidden = true;
  try {
    return await work();
  } catch (error) {
    $('problem').textContent = error.message;
    $('problem').hidden = false;
    return undefined;
  }
}

// -- the clock --------------------------------------------------------------------------------------------

const mockNow = () => state.clock.now + (performance.now() - state.clock.at) / 1000;

function setClock(told) {
  state.clock = { at: performance.now(), now: told.now, due: told.due };
  const moved = told.movedSeconds;
  $('moved').textContent = moved ? `+${duration(moved)}` : '';
  if (told.serviceDate) $('date').textContent = told.serviceDate;
  tick();
}

function tick() {
  if (!state.clock.now) return;
  $('now').textContent = clockTime(mockNow(), false);
  const { due } = state.clock;
  $('due').textContent = due === null || due === undefined ? 'nothing' : `in ${duration(Math.max(0, due - mockNow()))}`;
  $('to-due').disabled = due === null || due === undefined;
  for (const cell of document.querySelectorAll('[data-until]')) {
    const left = Number(cell.dataset.until) - mockNow();
    cell.textContent = left > 0 ? `${cell.dataset.what} ${duration(left)}` : cell.dataset.over;
  }
}

function clockTime(seconds, millis = true) {
  const text = new Date(seconds * 1000).toISOString();
  return text.slice(11, millis ? 23 : 19);
}

function duration(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
  const minutes = Math.floor(whole / 60);
  if (whole < 2 * 86400) return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')} h`;
  return `${Math.round(whole / 86400)} d`;
}
