// Choosing rows of a list: how many, for how much, and where the focus goes when a row leaves.
//   data-selection          the list; its rows are [data-row] with a .check, data-kopecks and data-symbol where sums count
//   data-group, data-all    a group of rows, and the box that chooses all of them
//   data-bulk               the bar: [data-bulk-count], [data-bulk-sum], [data-bulk-clear],
//                           and [data-bulk-all], for all that are found, once all that are shown are chosen
const NBSP = '\u00a0';

const bulk = document.querySelector('[data-bulk]');
const everything = bulk?.querySelector('[data-bulk-all]');

const list = () => document.querySelector('[data-selection]');
const rows = (root = list()) => [...(root?.querySelectorAll('[data-row]') ?? [])];
const box = (row) => row.querySelector('.check');
const chosen = () => rows().filter((row) => box(row)?.checked);

// Kopecks are whole numbers, and large ones: BigInt, never a float.
function total(picked) {
  const sums = new Map();
  for (const { dataset } of picked) sums.set(dataset.symbol, (sums.get(dataset.symbol) ?? 0n) + BigInt(dataset.kopecks));
  return [...sums].map(([symbol, kopecks]) => `${format(kopecks)}${NBSP}${symbol}`).join(' + ');
}

function format(kopecks) {
  const russian = document.documentElement.lang === 'ru';
  const whole = String(kopecks / 100n).replace(/\B(?=(\d{3})+$)/g, russian ? NBSP : ',');
  return `${whole}${russian ? ',' : '.'}${String(kopecks % 100n).padStart(2, '0')}`;
}

function tell() {
  const picked = chosen();
  bulk.hidden = !picked.length;
  bulk.querySelector('[data-bulk-count]').textContent = picked.length;
  const sum = bulk.querySelector('[data-bulk-sum]');
  if (sum) sum.textContent = total(picked);
  for (const all of document.querySelectorAll('[data-selection] [data-all]')) {
    const boxes = rows(all.closest('[data-group]')).map(box).filter(Boolean);
    const on = boxes.filter((one) => one.checked).length;
    all.checked = on > 0 && on === boxes.length;
    all.indeterminate = on > 0 && on < boxes.length;
  }
  offerEverything(picked);
}

// There is more than is shown only where the list goes on.
function offerEverything(picked) {
  if (!everything) return;
  everything.hidden = !(picked.length && picked.length === rows().length && list().querySelector('.morerow'));
  if (everything.hidden) everything.querySelector('input').checked = false;
}

// Where all that are found are chosen, so are the rows that come as one scrolls.
function tellAnew() {
  if (everything?.querySelector('input').checked) for (const row of rows()) if (box(row)) box(row).checked = true;
  tell();
}

function choose(root, on) {
  for (const row of rows(root)) if (box(row)) box(row).checked = on;
  tell();
}

if (bulk) {
  document.addEventListener('change', (event) => {
    if (!event.target.closest('[data-selection]')) return;
    if (event.target.matches('[data-all]')) choose(event.target.closest('[data-group]'), event.target.checked);
    else tell();
  });
  bulk.querySelector('[data-bulk-clear]').addEventListener('click', () => choose(list(), false));
  document.body.addEventListener('htmx:afterSettle', tellAnew);
  // A browser that comes back to the page keeps the ticks.
  addEventListener('pageshow', tell);
  tell();
}

// Whatever took the row or the button that had the focus, the focus comes back to the row, or to the one in its place.
let last;
let place;

document.addEventListener('focusin', ({ target }) => {
  const row = target.closest('[data-selection] [data-row]');
  if (row) [last, place] = [row, rows().indexOf(row)];
});

// Who clicks elsewhere has left the list.
document.addEventListener('mousedown', ({ target }) => { if (!target.closest('[data-row], [data-bulk], dialog')) last = undefined; });

function comeBack() {
  if (!last || document.activeElement !== document.body) return;
  const row = document.getElementById(last.id) ?? rows().at(Math.min(place, rows().length - 1));
  row?.focus({ preventScroll: true });
}

document.body.addEventListener('htmx:afterSettle', comeBack);
document.addEventListener('close', comeBack, true);

// The row that is about to go hands the focus to its neighbour.
document.body.addEventListener('htmx:beforeSwap', (event) => {
  const row = event.detail.target.closest?.('[data-row]');
  if (!row?.contains(document.activeElement) || !event.detail.shouldSwap) return;
  const all = rows().filter((other) => other === row || !other.classList.contains('htmx-swapping'));
  const here = all.indexOf(row);
  (all[here + 1] ?? all[here - 1])?.focus();
});
