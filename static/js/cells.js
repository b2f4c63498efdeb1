// Cells that are edited in place: Enter or leaving saves, Esc brings back what was.
//   data-cell    the input; hx-post, hx-target and hx-trigger="save" say where it goes.
//   data-was     what Esc brings back, where the input shows what was typed and refused.
// Give each an id: htmx keeps the focus by it when the row is swapped.
document.addEventListener('keydown', (event) => {
  const cell = event.target.closest?.('[data-cell]');
  if (!cell) return;
  if (event.key === 'Escape') cell.value = cell.dataset.was ?? cell.defaultValue;
  else if (event.key !== 'Enter') return;
  event.preventDefault();
  cell.blur();
});

document.addEventListener('focusout', (event) => {
  const cell = event.target.closest?.('[data-cell]');
  if (cell && cell.value !== cell.defaultValue) htmx.trigger(cell, 'save');
});
