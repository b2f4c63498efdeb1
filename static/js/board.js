// The board: cards are dragged from lane to lane, or sent by a menu.
//   data-board="/claims/board/"   a move is posted to its <claim>/<stage>/, with the board's own query
//   data-column="stage"           a lane; [data-cards] in it holds its cards, a folded lane has none
//   data-card="claim"             a card, with data-due; data-movable: it may be moved; data-fresh: it has just come
//   data-to="stage"               in #move-menu: where to
import { makeDraggable, nearEdge } from './drag.js';

const LANE = '[data-column]';
const CARD = '[data-card]';
const dialog = document.querySelector('#dialog');
const boardNow = () => document.querySelector('[data-board]');

// Where a card stands in its lane: the next payment first, then the newest.
const day = (card) => card.dataset.due || '9999-12-31';
const before = (one, other) => day(one) < day(other) || (day(one) === day(other) && +one.dataset.card > +other.dataset.card);

function put(card, lane) {
  const place = lane.querySelector('[data-cards]');
  if (!place) return;
  const rest = [...place.querySelectorAll(CARD)].filter((other) => other !== card);
  const held = card.contains(document.activeElement);
  place.insertBefore(card, rest.find((other) => before(card, other)) ?? rest.at(-1)?.nextSibling ?? place.firstChild);
  if (held) card.focus();
}

// Moves --------------------------------------------------------------------------------------------

let line = Promise.resolve(); // one move after another, as each answer tells what is so then

function move(card, lane) {
  const from = card.closest(LANE);
  if (lane === from) return;
  const query = new URLSearchParams(location.search);
  query.set('seen_in', from.dataset.column);
  const url = `${boardNow().dataset.board}${card.dataset.card}/${lane.dataset.column}/?${query}`;
  const neighbour = [card.nextElementSibling, card.previousElementSibling].find((other) => other?.matches(CARD));
  put(card, lane);
  line = line.then(() => send(url, { card, from, neighbour }));
}

async function send(url, { card, from, neighbour }) {
  const held = card.contains(document.activeElement);
  await htmx.ajax('POST', url, { source: card, swap: 'none' }).catch(() => {});
  // A reason is asked for: it goes on from the dialog, or is given up there.
  if (dialog.open) await new Promise((resolve) => { dialog.addEventListener('close', resolve, { once: true }); });
  // What was moved has given way to a fresh card. One that is still here was refused.
  if (card.isConnected && card.closest(LANE) !== from) springBack(card, from);
  // It has left the board; the focus has not.
  if (held && document.activeElement === document.body) neighbour?.focus();
}

function springBack(card, from) {
  const there = card.getBoundingClientRect();
  put(card, from);
  const here = card.getBoundingClientRect();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  card.animate({ translate: [`${there.x - here.x}px ${there.y - here.y}px`, '0 0'] }, { duration: 260, easing: 'cubic-bezier(.2, 0, 0, 1)' });
}

// What has come: a card takes the place of its older self, wherever that is, and its own place in the lane.
function tidy() {
  const known = new Map();
  for (const card of document.querySelectorAll(CARD)) {
    const twin = known.get(card.id);
    const [old, fresh] = twin && 'fresh' in twin.dataset ? [card, twin] : [twin, card];
    known.set(card.id, fresh);
    const held = old?.contains(document.activeElement);
    old?.remove();
    if (held) fresh.focus();
  }
  for (const card of document.querySelectorAll('[data-fresh]')) {
    delete card.dataset.fresh;
    put(card, card.closest(LANE));
  }
}

document.body.addEventListener('htmx:afterSwap', tidy);
document.body.addEventListener('htmx:oobAfterSwap', tidy);

// The menu -----------------------------------------------------------------------------------------

let chosen; // the card whose menu is open

document.addEventListener('click', (event) => {
  if (event.target.closest('[popovertarget="move-menu"]')) chosen = event.target.closest(CARD);
  const to = event.target.closest('[data-to]')?.dataset.to;
  if (to && chosen) move(chosen, boardNow().querySelector(`[data-column="${to}"]`));
});

// The stage after the card's own is the likely one.
document.addEventListener('toggle', ({ target: menu, newState }) => {
  if (menu.id !== 'move-menu' || newState !== 'open') return;
  const items = [...menu.querySelectorAll('[data-to]')];
  const here = items.findIndex((item) => item.dataset.to === chosen.closest(LANE).dataset.column);
  items.forEach((item, index) => { item.disabled = index === here; });
  (items[here + 1] ?? items[0]).focus();
}, true);

document.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = event.target.closest('#move-menu');
  if (!step || !menu) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll('[data-to]:enabled')];
  items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
});

// Dragging -----------------------------------------------------------------------------------------

function ghostOf(card) {
  const { left, top, width } = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  for (const part of [ghost, ...ghost.querySelectorAll('[id]')]) part.removeAttribute('id');
  for (const name of ['row', 'card']) delete ghost.dataset[name];
  ghost.inert = true;
  ghost.classList.add('ghost');
  Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
  return ghost;
}

function scroll({ x }) {
  const { left, right } = boardNow().getBoundingClientRect();
  boardNow().scrollLeft += 12 * nearEdge(x, left, right);
}

makeDraggable({
  items: `${CARD}[data-movable]`,
  targets: LANE,
  ghostOf,
  follow: (ghost, now, at) => { ghost.style.translate = `${now.x - at.x}px ${now.y - at.y}px`; },
  isOver: (card, lane) => lane !== card.closest(LANE),
  scroll,
  drop: (card, lane) => { if (lane && card.isConnected) move(card, lane); },
});
