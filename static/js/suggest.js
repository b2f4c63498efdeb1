// A field that offers what is known already: arrows choose, Enter takes; Esc, and leaving, put the offer away.
//   data-suggest    the field; aria-controls names the part where its [role="option"] come
// Enter never sends the form from here: who takes a name by it has not filled in the rest.
import { point, pointed, walk } from './options.js';

const suggesting = (event) => event.target.closest?.('[data-suggest]');
const listOf = (field) => document.getElementById(field.getAttribute('aria-controls'));
const optionsOf = (field) => [...listOf(field).querySelectorAll('[role="option"]')];
const isTyped = (field) => field.type !== 'hidden' && field.matches('input, textarea, select');

function putAway(field) {
  listOf(field).replaceChildren();
  field.ariaExpanded = 'false';
  point(field, [], 0);
}

function goOn(form, after) {
  const fields = [...form.elements].filter(isTyped);
  fields.slice(fields.indexOf(after) + 1).find((field) => !field.value)?.focus();
}

document.addEventListener('keydown', (event) => {
  const field = suggesting(event);
  if (!field || event.isComposing || event.ctrlKey || event.metaKey) return;
  const options = optionsOf(field);
  if (event.key === 'Enter') (options[pointed(options)] ?? { click: () => goOn(field.form, field) }).click();
  else if (event.key === 'Escape' && options.length) putAway(field);
  else if (!walk(field, options, event.key)) return;
  event.preventDefault();
});

document.addEventListener('focusout', (event) => {
  const field = suggesting(event);
  if (field?.isConnected) putAway(field);
});

// The field keeps the focus: a click in the list must not put it away before it is taken.
document.addEventListener('mousedown', (event) => event.target.closest('[data-suggestions]') && event.preventDefault());

document.addEventListener('click', (event) => {
  const form = event.target.closest('[data-suggestions] [role="option"]')?.closest('form');
  form?.addEventListener('htmx:afterSettle', () => goOn(form), { once: true });
});

document.body.addEventListener('htmx:afterSwap', ({ detail: { target } }) => {
  const field = target.id && document.querySelector(`[data-suggest][aria-controls="${target.id}"]`);
  if (field) field.ariaExpanded = String(optionsOf(field).length > 0);
});
