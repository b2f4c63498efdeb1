// The search on every page: Ctrl+K opens it, arrows choose, Enter opens what is chosen.
const dialog = document.querySelector('[data-search]');
const text = dialog?.querySelector('input');
const list = dialog?.querySelector('#found');
const failed = dialog?.querySelector('[data-search-failed]');
const hits = () => [...list.querySelectorAll('[role="option"]')];
const typed = () => text.value.trim();

// What the list was found by: Enter must not open what was found by less than is typed by now.
let found = '';

function choose(index) {
  const all = hits();
  const chosen = all.at(index % (all.length || 1));
  all.forEach((hit) => hit.setAttribute('aria-selected', hit === chosen));
  if (!chosen) return text.removeAttribute('aria-activedescendant');
  text.setAttribute('aria-activedescendant', chosen.id);
  return chosen.scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  if (!dialog || event.code !== 'KeyK' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!dialog.open) dialog.showModal();
  text.select();
});

text?.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  const all = hits();
  const here = all.findIndex((hit) => hit.ariaSelected === 'true');
  if (event.key === 'ArrowDown') choose(here + 1);
  else if (event.key === 'ArrowUp') choose(here < 1 ? -1 : here - 1);
  // Sent off before the answer is here, a number still opens its claim, and words their page.
  else if (event.key === 'Enter') { if (found === typed() && all[here]) all[here].click(); else if (typed()) text.form.submit(); }
  else return;
  event.preventDefault();
});

dialog?.addEventListener('htmx:afterSwap', ({ detail }) => {
  found = detail.requestConfig.parameters.q?.trim() ?? '';
  failed.hidden = true;
  choose(0);
});
for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) {
  dialog?.addEventListener(name, () => { failed.hidden = false; });
}
