// What is being typed outlives a reload, a crash, a lost connection and a lost session. It is kept in this browser, for
// this person, until it is sent, discarded or a week old; signing out forgets it.
//   data-draft="comment-7"   on the form: under which name; it hears `restored` when what was typed is in it again
//   data-kept                a hidden field that is kept too; it hears `change` when its value is brought back
//   data-discard             on what gives the form up
//   data-forget              on the form that signs out
const WEEK = 7 * 24 * 3600 * 1000;
const OURS = `draft:${document.body.dataset.user}:`;
const NOT_TYPED = ['hidden', 'file', 'password', 'submit', 'button', 'fieldset'];

// As a form gives way to its answer, its field loses the focus and says once more that it was changed.
const done = new WeakSet();

const keyOf = (form) => OURS + form.dataset.draft;
const forget = (form) => localStorage.removeItem(keyOf(form));
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && (field.matches('[data-kept]') || !NOT_TYPED.includes(field.type)));
const isTicked = (field) => ['checkbox', 'radio'].includes(field.type);
const nameOf = (field) => (isTicked(field) ? `${field.name}=${field.value}` : field.name);
const valueOf = (field) => (isTicked(field) ? field.checked : field.value);

function read(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    if (draft && Date.now() - draft.at < WEEK) return draft;
  } catch { /* Not ours, or spoilt: as good as none. */ }
  localStorage.removeItem(key);
  return undefined;
}

function keep(form, sent = false) {
  if (done.has(form)) return;
  const values = Object.fromEntries(fieldsOf(form).map((field) => [nameOf(field), valueOf(field)]));
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), sent, values }));
  } catch { /* The browser keeps nothing for us: one types on without. */ }
}

function restore(form) {
  const draft = localStorage.getItem(keyOf(form)) && read(keyOf(form));
  if (!draft) return;
  const lost = fieldsOf(form).filter((field) => (draft.values[nameOf(field)] ?? valueOf(field)) !== valueOf(field));
  for (const field of lost) field[isTicked(field) ? 'checked' : 'value'] = draft.values[nameOf(field)];
  for (const field of lost) if (field.matches('[data-kept]')) htmx.trigger(field, 'change');
  if (!lost.length || form.querySelector('[data-restored]')) return;
  form.prepend(document.querySelector('#draft-restored').content.cloneNode(true));
  form.dispatchEvent(new Event('restored'));
}

document.addEventListener('input', ({ target }) => target.form?.matches('[data-draft]') && keep(target.form));
document.addEventListener('change', ({ target }) => target.form?.matches('[data-draft]') && keep(target.form));

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-discard], [data-close]');
  const form = button?.closest('form[data-draft]') ?? (button && button.closest('dialog')?.querySelector('form[data-draft]'));
  if (!form) return;
  forget(form);
  if (!button.closest('[data-restored]')) return;
  form.reset();
  for (const field of form.querySelectorAll('[data-kept]')) { field.value = ''; htmx.trigger(field, 'change'); }
  form.querySelector('[data-restored]').remove();
  form.dispatchEvent(new Event('restored'));
});

// A form that htmx sends is done with when its answer is no refusal, and no way to sign-in.
document.body.addEventListener('htmx:beforeOnLoad', ({ detail: { elt, xhr } }) => {
  if (!elt.matches('form[data-draft]') || xhr.status >= 400 || xhr.getResponseHeader('HX-Redirect')) return;
  done.add(elt);
  forget(elt);
});

// One that the browser sends is done with when another page comes, that is no error. Without a connection it is not sent.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.matches('[data-forget]')) Object.keys(localStorage).filter((key) => key.startsWith(OURS)).forEach((key) => localStorage.removeItem(key));
  if (!form.matches('[data-draft]:not([hx-post])')) return;
  if (navigator.onLine) keep(form, true);
  else event.preventDefault();
});

document.body.addEventListener('htmx:load', ({ detail: { elt } }) => {
  if (elt.querySelector('[data-kept]') && elt.closest('form[data-draft]')) keep(elt.closest('form'));
  for (const form of [elt, ...elt.querySelectorAll('form')]) if (form.matches('[data-draft]')) restore(form);
});

if (!document.querySelector('.blank.page')) {
  for (const key of Object.keys(localStorage)) {
    const isHere = document.querySelector(`form[data-draft="${CSS.escape(key.slice(OURS.length))}"]`);
    if (key.startsWith(OURS) && !isHere && read(key)?.sent) localStorage.removeItem(key);
  }
}
