// Keys. What each does stands in the page:
//   data-key="g w"      pressing it clicks (or focuses) the element
//   data-row-key="p"    the same, of the row the focus is in
//   data-row            a row that j and k walk over; it has tabindex="-1"
//   data-column         rows in columns: j and k stay in the column, h and l go to the next one
//   data-send           Ctrl+Enter in this field sends its form
const PATIENCE = 1000;

let before = '';
let timer;

// By place where the letters are not Latin, so that the keys work in the Russian layout too.
function pressed(event) {
  if (event.key === '/' || event.key === '?') return event.key;
  if (event.code === 'Slash') return event.shiftKey ? '?' : '/';
  if (event.code.startsWith('Bracket')) return event.code === 'BracketLeft' ? '[' : ']';
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : event.key;
}

const isTyping = (element) => element.matches('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
const isSeen = (element) => element.checkVisibility();
const byKey = (name, key, root = document) => [...root.querySelectorAll(`[${name}="${CSS.escape(key)}"]`)];

function find(key) {
  const own = byKey('data-key', key);
  const row = document.activeElement?.closest('[data-row]');
  return own.findLast(isSeen) ?? (row && byKey('data-row-key', key, row)[0]) ?? own.at(-1);
}

function act(element) {
  if (!isTyping(element)) return element.click();
  element.focus();
  return element.select?.();
}

const rowsOf = (root) => [...root.querySelectorAll('[data-row]')].filter(isSeen);
const within = (list, index) => list[Math.max(0, Math.min(list.length - 1, index))];

function walk(by) {
  const row = document.activeElement?.closest('[data-row]');
  const rows = rowsOf(row?.closest('[data-column]') ?? document);
  within(rows, rows.indexOf(row) + by)?.focus();
}

function cross(by) {
  const row = document.activeElement?.closest('[data-column] [data-row]');
  if (!row) return;
  const columns = [...document.querySelectorAll('[data-column]')].map(rowsOf).filter((rows) => rows.length);
  const here = columns.findIndex((rows) => rows.includes(row));
  within(within(columns, here + by), columns[here].indexOf(row)).focus();
}

const WALKS = { j: () => walk(1), k: () => walk(-1), h: () => cross(-1), l: () => cross(1) };

// «Show more» goes as the rows come that it has brought: who stood on it stands on the first of them.
document.body.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (!detail.target.closest?.('.morerow')?.contains(document.activeElement)) return;
  const known = new Set(rowsOf(document));
  const goOn = () => rowsOf(document).find((row) => !known.has(row))?.focus({ preventScroll: true });
  document.body.addEventListener('htmx:afterSettle', goOn, { once: true });
});

document.addEventListener('keydown', (event) => {
  const { target } = event;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && target.matches('[data-send]')) return target.form.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return undefined;
  if (isTyping(target)) return event.key === 'Escape' && target.matches('[type="search"]') ? target.blur() : undefined;
  if (document.querySelector('dialog[open], [popover]:popover-open')) return undefined;

  const key = pressed(event);
  const element = (before && find(`${before} ${key}`)) || find(key);
  clearTimeout(timer);
  before = '';
  if (element) act(element);
  else if (key in WALKS) WALKS[key]();
  else if (key === 'Enter' && target.matches('[data-row]')) find('o')?.click();
  else {
    before = key.length === 1 ? key : '';
    timer = setTimeout(() => { before = ''; }, PATIENCE);
    return undefined;
  }
  return event.preventDefault();
});
