// The board: cards are dragged from lane to lane, or sent by a menu.
//   data-board="/claims/board/"   a move is posted to its <claim>/<stage>/, with the board's own query
//   data-column="stage"           a lane; [data-cards] in it holds its cards, a folded lane has none
//   data-card="claim"             a card, with data-due; data-movable: it may be moved; data-fresh: it has just come
//   data-to="stage"               in #move-menu: where to
const SLOP = 6; // px a mouse goes before it drags
const PRESS = 350; // ms a finger rests before it drags; sooner, it scrolls
const EDGE = 56; // px from the edge where the board scrolls along

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

let drag; // { card, x, y, timer } at first; with a ghost once the card is lifted

function lift() {
  const { card, x, y } = drag;
  const { left, top, width } = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  for (const part of [ghost, ...ghost.querySelectorAll('[id]')]) part.removeAttribute('id');
  for (const name of ['row', 'card']) delete ghost.dataset[name];
  ghost.inert = true;
  ghost.classList.add('ghost');
  Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
  document.body.append(ghost);
  card.classList.add('lifted');
  boardNow().classList.add('dragging');
  drag.ghost = ghost;
  carry(x, y);
  requestAnimationFrame(scrollAlong);
}

function carry(x, y) {
  drag.ghost.style.translate = `${x - drag.x}px ${y - drag.y}px`;
  drag.at = [x, y];
  const lane = document.elementFromPoint(x, y)?.closest(LANE);
  if (lane === drag.lane) return;
  drag.lane?.classList.remove('over');
  drag.lane = lane;
  if (lane !== drag.card.closest(LANE)) lane?.classList.add('over');
}

function scrollAlong() {
  if (!drag?.ghost) return;
  const { left, right } = boardNow().getBoundingClientRect();
  const [x] = drag.at;
  boardNow().scrollLeft += x < left + EDGE ? -12 : x > right - EDGE ? 12 : 0;
  carry(...drag.at);
  requestAnimationFrame(scrollAlong);
}

function drop(isMeant) {
  if (!drag) return;
  const { card, lane, ghost, timer } = drag;
  clearTimeout(timer);
  drag = undefined;
  if (!ghost) return;
  ghost.remove();
  lane?.classList.remove('over');
  card.classList.remove('lifted');
  boardNow()?.classList.remove('dragging');
  if (isMeant && lane && card.isConnected) move(card, lane);
}

document.addEventListener('pointerdown', (event) => {
  const card = event.target.closest(`${CARD}[data-movable]`);
  if (!card || !event.isPrimary || event.button || event.target.closest('button')) return;
  drag = { card, x: event.clientX, y: event.clientY };
  if (event.pointerType === 'touch') drag.timer = setTimeout(lift, PRESS);
});

document.addEventListener('pointermove', (event) => {
  if (!drag) return;
  const { clientX: x, clientY: y } = event;
  if (drag.ghost) return carry(x, y);
  if (Math.hypot(x - drag.x, y - drag.y) < SLOP) return;
  if (event.pointerType === 'touch') return drop(false);
  drag.card.setPointerCapture(event.pointerId);
  lift();
  carry(x, y);
});

document.addEventListener('pointerup', (event) => {
  if (!drag?.ghost) return drop(false);
  // Letting go is no click on the card's link.
  addEventListener('click', stop, { capture: true, once: true });
  setTimeout(() => removeEventListener('click', stop, { capture: true }));
  carry(event.clientX, event.clientY);
  drop(true);
});

const stop = (event) => { event.preventDefault(); event.stopPropagation(); };

document.addEventListener('pointercancel', () => drop(false));
document.addEventListener('keydown', (event) => event.key === 'Escape' && drop(false));
document.addEventListener('dragstart', (event) => event.target.closest(CARD) && event.preventDefault());
document.addEventListener('contextmenu', (event) => drag && event.pointerType === 'touch' && event.preventDefault());
document.addEventListener('touchmove', (event) => drag?.ghost && event.preventDefault(), { passive: false });
