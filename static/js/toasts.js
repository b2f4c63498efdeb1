// Toasts: what has just happened, with a way back for ten seconds.
//
// They come as Django's messages, as out-of-band parts of an answer, or by the HX-Trigger header:
// {"toast": {"text": "…", "level": "good" | "bad", "undo": "/address/"}}
const LIFE = 10_000;
const MOST = 3;

const region = document.querySelector('#toasts');
const template = document.querySelector('#toast-template');

function show({ text, level = 'good', undo, retry }) {
  const toast = template.content.firstElementChild.cloneNode(true);
  const way = toast.querySelector(undo ? '[data-undo]' : '[data-retry]');
  toast.querySelector('p').textContent = text;
  toast.querySelector(level === 'bad' ? '[data-good]' : '[data-bad]').remove();
  if (level === 'bad') toast.role = 'alert';
  if (undo) way.setAttribute('hx-post', undo);
  if (retry) way.addEventListener('click', () => { toast.remove(); retry(); });
  for (const part of toast.querySelectorAll('[data-undo], [data-retry]')) if (part !== way || !(undo || retry)) part.remove();
  toast.querySelector(undo ? '[data-dismiss]' : '.ring').remove();
  region.append(toast);
  htmx.process(toast);
}

const text = (toast) => toast.querySelector('p')?.textContent;

// What is said again is said once. Bad news stays until it is closed. Good news waits while someone points at it or tabs into it.
function live(toast) {
  for (const other of [...region.children]) if (other !== toast && !other.querySelector('[data-undo]') && text(other) === text(toast)) other.remove();
  while (region.children.length > MOST) region.firstElementChild.remove();
  if (toast.role === 'alert') return;
  let timer;
  const wait = () => clearTimeout(timer);
  const start = () => { wait(); timer = setTimeout(() => toast.remove(), LIFE); };
  toast.addEventListener('pointerenter', wait);
  toast.addEventListener('focusin', wait);
  toast.addEventListener('pointerleave', start);
  toast.addEventListener('focusout', start);
  start();
}

new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => node.matches?.('.toast') && live(node))))
  .observe(region, { childList: true });
region.querySelectorAll('.toast').forEach(live);

region.addEventListener('click', (event) => event.target.closest('[data-dismiss]')?.closest('.toast').remove());
region.addEventListener('htmx:afterRequest', (event) => event.detail.successful && event.target.closest('.toast')?.remove());

// A click in a toast leaves the focus where it was: the toast will be gone.
region.addEventListener('mousedown', (event) => event.preventDefault());

document.body.addEventListener('toast', (event) => show(event.detail));

// No connection, or an answer that is none: what was typed is still there, and one click tries again.
function again(element) {
  if (!element.isConnected) return undefined;
  return () => (element.matches('form') ? element.requestSubmit() : element.click());
}

function failed(event, text) {
  const { elt, requestConfig } = event.detail;
  if (elt.closest('[data-quiet]')) return;
  const byHand = ['click', 'submit'].includes(requestConfig?.triggeringEvent?.type);
  show({ text, level: 'bad', retry: byHand ? again(elt) : undefined });
}

document.body.addEventListener('htmx:sendError', (event) => failed(event, region.dataset.offline));
document.body.addEventListener('htmx:timeout', (event) => failed(event, region.dataset.offline));
document.body.addEventListener('htmx:responseError', (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader('HX-Trigger')?.includes('"toast"')) return;
  if ([502, 504].includes(xhr.status)) failed(event, region.dataset.offline);
  else if (xhr.status === 404) show({ text: region.dataset.gone, level: 'bad' });
  else if (xhr.status === 403) show({ text: region.dataset.refused, level: 'bad' });
  else failed(event, region.dataset.failed);
});
