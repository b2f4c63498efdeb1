// The search on every page: Ctrl+K opens it, arrows choose, Enter opens what is chosen.
import { point, pointed, walk } from './options.js';

const dialog = document.querySelector('[data-search]');
const text = dialog?.querySelector('input');
const list = dialog?.querySelector('#found');
const failed = dialog?.querySelector('[data-search-failed]');
const hits = () => [...list.querySelectorAll('[role="option"]')];
const typed = () => text.value.trim();

// What the list was found by: Enter must not open what was found by less than is typed by now.
let found = '';

document.addEventListener('keydown', (event) => {
  if (!dialog || event.code !== 'KeyK' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!dialog.open) dialog.showModal();
  text.select();
});

text?.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  const all = hits();
  const here = all[pointed(all)];
  // Sent off before the answer is here, a number still opens its claim, and words their page.
  if (event.key === 'Enter') { if (found === typed() && here) here.click(); else if (typed()) text.form.submit(); }
  else if (!walk(text, all, event.key)) return;
  event.preventDefault();
});

dialog?.addEventListener('htmx:afterSwap', ({ detail }) => {
  found = detail.requestConfig.parameters.q?.trim() ?? '';
  failed.hidden = true;
  point(text, hits(), 0);
});
for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) {
  dialog?.addEventListener(name, () => { failed.hidden = false; });
}
