// Dialogs and menus.
//   data-open="id", data-close     a dialog that is in the page
//   hx-target="#dialog"            a dialog that is loaded: it opens when it has come,
//                                  and closes on HX-Trigger: {"closeDialog": true}
//   popovertarget="id"             a .menu, placed beside its button
const loaded = document.querySelector('#dialog');

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open]');
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.open).showModal();
  }
  if (event.target.closest('[data-close]')) event.target.closest('dialog')?.close();
  // A click beside the dialog closes it, if nothing typed would be lost.
  if (event.target.matches('dialog[open]') && !isChanged(event.target)) event.target.close();
  // A menu has done its work once something in it is chosen.
  event.target.closest('[popover].menu:not(.panel)')?.hidePopover();
});

function isChanged(dialog) {
  return [...dialog.querySelectorAll('input, textarea')].some((field) => field.type !== 'hidden' && field.value !== field.defaultValue);
}

document.body.addEventListener('htmx:afterSwap', (event) => {
  if (event.detail.target !== loaded || !loaded.childElementCount) return;
  if (!loaded.open) loaded.showModal();
  // One types at once: not into the cross that closes it. Where a keyboard would come up on the glass, one taps first.
  const wrong = loaded.querySelector('[aria-invalid="true"]');
  const first = matchMedia('(hover: hover)').matches && !loaded.querySelector('[autofocus]') && loaded.querySelector('form :is(input, select, textarea):not([type="hidden"])');
  (wrong || first)?.focus?.();
});
document.body.addEventListener('closeDialog', () => loaded.close());
loaded?.addEventListener('close', () => loaded.replaceChildren());

// Whoever watched a job need not click: its file comes by itself, and the page behind shows what was changed.
document.body.addEventListener('jobEnded', ({ detail }) => {
  if (detail.file) location.assign(detail.file);
  else loaded?.addEventListener('close', () => location.reload(), { once: true });
});

let opener;
// Where the button of the open menu was as it opened, in px from the top of the window; a sheet on a phone hangs on none.
let anchor;
document.addEventListener('click', (event) => { opener = event.target.closest('[popovertarget]') ?? opener; }, true);
document.addEventListener('beforetoggle', (event) => {
  const menu = event.target;
  if (event.newState !== 'open' || !menu.matches('.menu')) return;
  anchor = undefined;
  if (opener?.getAttribute('popovertarget') !== menu.id) return;
  const { style } = menu;
  style.inset = '';
  if (matchMedia('(width < 720px)').matches) return;
  const place = opener.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  if (place.top < height / 2) style.top = `${place.bottom + 4}px`;
  else style.bottom = `${height - place.top + 4}px`;
  if (place.left < width / 2) style.left = `${place.left}px`;
  else style.right = `${width - place.right}px`;
  anchor = place.top;
}, true);
addEventListener('scroll', () => {
  if (anchor !== undefined && opener.getBoundingClientRect().top !== anchor) document.querySelector('.menu:popover-open')?.hidePopover();
});
