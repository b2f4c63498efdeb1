// Keys. What each does stands in the page:
//   data-key="g w"      pressing it clicks (or focuses) the element
//   data-row-key="p"    the same, of the row the focus is in
//   data-row            a row that j and k walk over; it has tabindex="-1"
//   data-send           Ctrl+Enter in this field sends its form
const PATIENCE = 1000;

let before = '';
let timer;

// By place where the letters are not Latin, so that the keys work in the Russian layout too.
function pressed(event) {
  if (event.key === '/' || event.key === '?') return event.key;
  if (event.code === 'Slash') return event.shiftKey ? '?' : '/';
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

function walk(by) {
  const rows = [...document.querySelectorAll('[data-row]')].filter(isSeen);
  const here = rows.indexOf(document.activeElement?.closest('[data-row]'));
  rows[Math.max(0, Math.min(rows.length - 1, here + by))]?.focus();
}

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
  else if (key === 'j' || key === 'k') walk(key === 'j' ? 1 : -1);
  else if (key === 'Enter' && target.matches('[data-row]')) find('o')?.click();
  else {
    before = key.length === 1 ? key : '';
    timer = setTimeout(() => { before = ''; }, PATIENCE);
    return undefined;
  }
  return event.preventDefault();
});
