// The calendar: keys walk over its days; a planned payment is dragged to another day, or carried there by keys.
//   data-calendar="?month=2026-11&…"   all of it, with the address that says what is shown
//   data-day="2026-11-25"              a day; data-better, which day is better; its link is [data-day-link]
//   data-move="/payments/7/move/"      what can be moved; data-due, the day it is on; data-name, how it is called
//   data-carried, data-carried-name    the bar that says what is being carried by keys
//   data-changed="payment-7"           the rows that a deed has changed, as they are now, or gone
import { makeDraggable, nearEdge } from './drag.js';

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const body = document.body;
const bar = document.querySelector('[data-carried]');
const calendar = () => document.querySelector('[data-calendar]');
const linkOf = (day) => document.getElementById(`day-${day}`);
const shown = () => calendar().querySelector('[data-day-link][aria-current]');
const dayOf = (link) => link.closest('[data-day]').dataset.day;

function shift(day, by) {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + by);
  return date.toISOString().slice(0, 10);
}

// Moving, however it was asked for. It is refused by a toast, and what was taken then stays in its place.
async function move({ element, url, due }, day) {
  if (!day || day === due) return;
  const source = element.isConnected ? element : body;
  await htmx.ajax('POST', `${url}?due_on=${day}&due_on_was=${due}`, { source, swap: 'none' }).catch(() => {});
}

const taken = (element) => ({ element, url: element.dataset.move, due: element.dataset.due, name: element.dataset.name });

// By mouse and by finger.
function ghostOf({ dataset: { name } }) {
  const ghost = document.createElement('div');
  ghost.className = 'inhand';
  ghost.append(name, document.createElement('small'));
  return ghost;
}

function follow(ghost, { x, y }) {
  const left = Math.min(x + 12, innerWidth - ghost.offsetWidth - 8);
  ghost.style.translate = `${left}px ${y + 12}px`;
}

function isOver(element, day, ghost) {
  ghost.lastChild.textContent = day?.dataset.better ?? '';
  return Boolean(day);
}

async function back(element, ghost) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const { left, top } = element.getBoundingClientRect();
  await ghost.animate({ translate: `${left}px ${top}px`, opacity: 0.4 }, { duration: 200, easing: 'ease-out' }).finished;
}

makeDraggable({
  items: '[data-move]',
  targets: '[data-day]',
  ghostOf,
  follow,
  isOver,
  scroll: ({ y }) => scrollBy(0, 8 * nearEdge(y, 0, innerHeight)),
  drop: (element, day) => move(taken(element), day?.dataset.day),
  back,
});

// By keys.
let carried;
let awaited; // the day to go to once its month or week has come

function carry(element) {
  carried = taken(element);
  body.toggleAttribute('data-carrying', true);
  bar.hidden = false;
  bar.querySelector('[data-carried-name]').textContent = carried.name;
  go(carried.due);
}

function put() {
  const what = carried;
  carried = undefined;
  body.toggleAttribute('data-carrying', false);
  bar.hidden = true;
  return what;
}

function go(day) {
  const link = linkOf(day);
  awaited = link ? undefined : day;
  if (link) return link.focus();
  return document.querySelector(day < dayOf(calendar().querySelector('[data-day-link]')) ? '#step-left' : '#step-right')?.click();
}

function pressed({ key, target }) {
  const link = target.closest('[data-day-link]');
  if (key === 'Escape' && carried) {
    const { element } = put();
    return element.isConnected ? element.focus() : shown().focus();
  }
  if (key === 'Escape' && target.matches('[data-row]')) return shown().focus();
  if (key === ' ' && target.matches('[data-row][data-move]')) return carry(target);
  if (!link) return false;
  if (key === 'Enter' && carried) return move(put(), dayOf(link));
  if (key === 'PageUp' || key === 'PageDown') return document.querySelector(key === 'PageUp' ? '#step-left' : '#step-right')?.click();
  return STEPS[key] ? go(shift(dayOf(link), STEPS[key])) : false;
}

// Before keys.js, which would take Enter and Escape for its own.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (pressed(event) === false) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// One day is in the order of Tab, the rest are reached by arrows.
function walkable() {
  const focused = document.activeElement?.closest('[data-day-link]') ?? shown();
  for (const link of calendar().querySelectorAll('[data-day-link]')) link.tabIndex = link === focused ? 0 : -1;
}
document.addEventListener('focusin', walkable);

// A changed row takes its own place in the list, a new one the place of its number; one that is not of this day leaves.
const rows = () => [...document.querySelectorAll('#day-rows [data-row]')];
const number = (row) => Number(row.id.replace('payment-', ''));

function arrange() {
  const changed = document.querySelector('#day-changed');
  for (const id of changed.dataset.changed.split(' ').filter(Boolean)) {
    const now = [...changed.children].find((row) => row.id === id);
    const was = rows().find((row) => row.id === id);
    const next = now && rows().find((row) => number(row) > number(now));
    if (!now) was?.remove();
    else if (was) was.replaceWith(now);
    else if (next) next.before(now);
    else document.querySelector('#day-rows').append(now);
  }
  changed.dataset.changed = '';
}

// Enter on a day goes on to its list; a row that leaves hands the focus to its neighbour.
let opened; // the day whose list to go on to once it has come
let left; // where the focus was in the list: {id, index}
document.addEventListener('click', ({ detail, target }) => {
  opened = detail === 0 && target.matches('[data-day-link]') ? dayOf(target) : undefined;
}, true);
body.addEventListener('htmx:beforeSwap', () => {
  const row = document.activeElement?.closest('#day-rows [data-row]');
  left = row && { id: row.id, index: rows().indexOf(row) };
});
body.addEventListener('htmx:afterSettle', () => {
  arrange();
  // Keys are quicker than answers: what has come may be what was asked for before the last of them.
  if (awaited && linkOf(awaited)) {
    linkOf(awaited).focus();
    awaited = undefined;
  } else if (opened === dayOf(shown())) {
    rows()[0]?.focus();
    opened = undefined;
  } else if (left && document.activeElement === body) {
    const [all, { id, index }] = [rows(), left];
    (all.find((row) => row.id === id) ?? all[Math.min(index, all.length - 1)] ?? shown()).focus();
  }
  settled();
});

function settled() {
  const address = calendar().dataset.calendar;
  if (location.search !== address) history.replaceState(history.state, '', address);
  body.dataset.page = location.pathname + address;
  walkable();
}
settled();
