// Files in a dialog: arrows lead to the next one (data-next) and the one before (data-previous).
const WAYS = { ArrowLeft: '[data-previous]', ArrowRight: '[data-next]' };

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in WAYS)) return;
  const way = document.querySelector(`#dialog[open] :enabled${WAYS[event.key]}`);
  if (!way) return;
  event.preventDefault();
  way.click();
});
