// What others change appears by itself: the page asks every few seconds whether anything has changed, and only then
// reads itself anew and swaps the parts that differ. Where something is being typed nothing is touched until it is done.
//   data-changes, data-version   whom to ask, and what of: 204 while it is so, else {"version", "said"}
//   data-live                    a part with an id that may be swapped; if it is busy, the parts inside it that are not
//   data-more                    in a part that was shown more of than the page has: the whole of it stays
//   data-live="list"             its newest children come first; what was shown more of stays
const EVERY = 8_000;
const LONGEST = 60_000;

let wait = EVERY;
let timer;
let unfinished = false;
let requests = 0;

const asked = () => document.querySelector('[data-changes]');
const partsOf = (root) => [...root.querySelectorAll('[data-live]')];

// A token is another one in every answer, and says nothing.
const look = (part) => part.outerHTML.replaceAll(/name="csrfmiddlewaretoken" value="\w+"/g, '');
const drawn = new Map(partsOf(document).map((part) => [part.id, look(part)]));

function isTyped(field) {
  if (field.type === 'hidden') return false;
  if (['checkbox', 'radio'].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.matches('select')) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  return field.value !== (field.dataset.was ?? field.defaultValue);
}

function isBusy(part) {
  const { activeElement: focused } = document;
  return (part.contains(focused) && focused.matches('input:not([type="checkbox"], [type="radio"]), textarea, select'))
    || part.querySelector('.htmx-request, :popover-open') || part.matches('.htmx-request')
    || [...part.querySelectorAll('input, textarea, select')].some(isTyped);
}

const focusable = (part) => [...part.querySelectorAll('a, button, input, [tabindex]')];

function swap(part, fresh) {
  const { activeElement: focused } = document;
  const place = part.contains(focused) ? focusable(part).indexOf(focused) : -1;
  if (part.dataset.live === 'list') keepMore(part, fresh);
  part.replaceWith(fresh);
  htmx.process(fresh);
  if (place >= 0) ((focused.id && document.getElementById(focused.id)) || focusable(fresh)[place])?.focus({ preventScroll: true });
}

// The first page of a long list is drawn anew, the pages after it stay as they were shown.
function keepMore(part, fresh) {
  const last = [...fresh.children].findLast((child) => child.id);
  const rest = [...part.children];
  const more = rest.slice(rest.findIndex((child) => child.id === last?.id) + 1);
  if (more.length === rest.length || more.every((child) => child.matches('.morerow'))) return;
  fresh.querySelector(':scope > .morerow')?.remove();
  fresh.append(...more);
}

// Rows of a list that others have dealt with go; what stands after the fresh ones was shown more of, and stays.
function dropRows(part, fresh) {
  const stay = new Set([...fresh.querySelectorAll('[data-row]')].map((row) => row.id));
  const rows = [...part.querySelectorAll('[data-row]')];
  const covered = rows.slice(0, rows.findLastIndex((row) => stay.has(row.id)) + 1);
  for (const row of covered) if (!stay.has(row.id) && !row.contains(document.activeElement) && !isBusy(row)) row.remove();
}

// New rows of the first page come in where they stand there, though more is shown.
function bringRows(fresh) {
  for (const row of fresh.querySelectorAll('[data-row]')) {
    const home = document.getElementById(row.parentElement.id);
    if (!home || document.getElementById(row.id)) continue;
    const own = row.cloneNode(true);
    const isThere = (other) => document.getElementById(other.id)?.parentElement === home;
    let before = row.previousElementSibling;
    while (before && !isThere(before)) before = before.previousElementSibling;
    if (before) document.getElementById(before.id).after(own);
    else home.prepend(own);
    drawn.set(row.id, look(row));
    htmx.process(own);
  }
}

function follow(part, page) {
  const fresh = page.getElementById(part.id);
  const now = fresh && look(fresh);
  if (!fresh || now === drawn.get(part.id)) return;
  const isMore = part.querySelector('[data-more]');
  if (isMore || isBusy(part)) {
    unfinished ||= !isMore;
    // What is inside and free follows; the whole waits.
    dropRows(part, fresh);
    if (isMore) bringRows(fresh);
    for (const inner of partsOf(part)) follow(inner, page);
    return;
  }
  drawn.set(part.id, now);
  swap(part, fresh);
}

async function readAnew() {
  const before = requests;
  const answer = await fetch(location.href, { cache: 'no-store' });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  unfinished = false;
  // Something was done here meanwhile: what has come may be older than that.
  if (requests !== before) unfinished = true;
  else for (const part of partsOf(document)) if (part.isConnected) follow(part, page);
}

async function ask() {
  clearTimeout(timer);
  const page = asked();
  if (!page || document.hidden) return;
  try {
    const answer = await fetch(`${page.dataset.changes}?seen=${page.dataset.version}`, { headers: { 'HX-Request': 'true', 'X-Page': document.body.dataset.page }, cache: 'no-store' });
    const signIn = answer.headers.get('HX-Redirect');
    if (signIn) document.body.dispatchEvent(new CustomEvent('signedOut', { detail: { url: signIn } }));
    if (signIn || [403, 404].includes(answer.status)) return;
    if (answer.status === 200) {
      const { version, said } = await answer.json();
      await readAnew();
      page.dataset.version = version;
      if (said) document.body.dispatchEvent(new CustomEvent('toast', { detail: { text: said } }));
    } else if (unfinished) await readAnew();
    wait = answer.ok ? EVERY : Math.min(wait * 2, LONGEST);
  } catch {
    wait = Math.min(wait * 2, LONGEST);
  }
  timer = setTimeout(ask, wait);
}

document.body.addEventListener('htmx:beforeRequest', () => { requests += 1; });
document.body.addEventListener('htmx:afterRequest', () => { requests += 1; });
document.addEventListener('visibilitychange', ask);
document.body.addEventListener('connected', ask);
document.addEventListener('focusout', () => { if (unfinished) setTimeout(ask, 300); });
timer = setTimeout(ask, EVERY);
