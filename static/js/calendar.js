// The calendar: keys walk over its days; a planned payment is dragged to another day, or carried there by keys.
//   data-calendar="?month=2026-11&…"   all of it, with the address that says what is shown
//   data-day="2026-11-25"              a day; data-better, which day is better; its link is [data-day-link]
//   data-move="/payments/7/move/"      what can be moved; data-due, the day it is on; data-name, how it is called
//   data-carried, data-carried-name    the bar that says what is being carried by keys
//   data-changed="payment-7"           the rows that a deed has changed, as they are now, or gone
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const HOLD = 350; // a finger rests so long, in ms, before it takes a payment and does not scroll
const SLACK = 5; // a mouse moves so far, in px, before a click becomes a drag
const EDGE = 64; // so near the edge of the window, in px, the page scrolls under what is dragged

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
let grip; // what the pointer went down on: {element, url, due, name, x, y, ghost once it is dragged}
let hold;

function lift() {
  const ghost = document.createElement('div');
  ghost.className = 'inhand';
  ghost.append(grip.name, document.createElement('small'));
  body.append(ghost);
  body.toggleAttribute('data-dragging', true);
  getSelection().removeAllRanges();
  grip.element.classList.add('dragged');
  grip.ghost = ghost;
  follow(grip.x, grip.y);
  requestAnimationFrame(scroll);
}

function follow(x, y) {
  Object.assign(grip, { x, y });
  const { ghost } = grip;
  const left = Math.min(x + 12, innerWidth - ghost.offsetWidth - 8);
  ghost.style.translate = `${left}px ${y + 12}px`;
  const day = document.elementFromPoint(x, y)?.closest('[data-day]');
  for (const over of document.querySelectorAll('.over')) if (over !== day) over.classList.remove('over');
  day?.classList.add('over');
  ghost.lastChild.textContent = day?.dataset.better ?? '';
  grip.day = day?.dataset.day;
}

function scroll() {
  if (!grip?.ghost) return;
  const by = grip.y < EDGE ? -8 : grip.y > innerHeight - EDGE ? 8 : 0;
  if (by) {
    scrollBy(0, by);
    follow(grip.x, grip.y);
  }
  requestAnimationFrame(scroll);
}

async function release(day) {
  clearTimeout(hold);
  const held = grip;
  grip = undefined;
  if (!held?.ghost) return;
  for (const over of document.querySelectorAll('.over')) over.classList.remove('over');
  body.toggleAttribute('data-dragging', false);
  await move(held, day);
  held.element.classList.remove('dragged');
  if (held.element.isConnected) await back(held);
  held.ghost.remove();
}

async function back({ element, ghost }) {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const { left, top } = element.getBoundingClientRect();
  await ghost.animate({ translate: `${left}px ${top}px`, opacity: 0.4 }, { duration: 200, easing: 'ease-out' }).finished;
}

document.addEventListener('pointerdown', (event) => {
  const element = event.target.closest('[data-move]');
  if (!element || event.button || !event.isPrimary || event.target.closest('button, .menu')) return;
  grip = { ...taken(element), x: event.clientX, y: event.clientY, touch: event.pointerType === 'touch' };
  if (grip.touch) hold = setTimeout(lift, HOLD);
});
document.addEventListener('pointermove', (event) => {
  if (!grip || !event.isPrimary) return;
  if (grip.ghost) follow(event.clientX, event.clientY);
  else if (Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > SLACK) {
    if (grip.touch) release();
    else lift();
  }
});
document.addEventListener('pointerup', (event) => {
  if (!grip?.ghost) return release();
  // The click that ends a drag opens nothing.
  const quiet = (click) => { click.preventDefault(); click.stopPropagation(); };
  document.addEventListener('click', quiet, { capture: true, once: true });
  setTimeout(() => document.removeEventListener('click', quiet, { capture: true }));
  follow(event.clientX, event.clientY);
  return release(grip.day);
});
document.addEventListener('pointercancel', () => release());
document.addEventListener('dragstart', (event) => event.target.closest?.('[data-move]') && event.preventDefault());
document.addEventListener('contextmenu', (event) => grip?.touch && event.preventDefault());
document.querySelector('main').addEventListener('touchmove', (event) => grip?.ghost && event.preventDefault(), { passive: false });

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
  if (key === 'Escape' && grip?.ghost) return release();
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
  walkable();
}
settled();
