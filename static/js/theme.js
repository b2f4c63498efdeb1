// The theme changes at once; the form tells the server, for the next page and the next computer.
const root = document.documentElement;

function next() {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  return dark ? 'light' : 'dark';
}

document.addEventListener('click', (event) => {
  const form = event.target.closest('[data-theme-form] button')?.form;
  if (!form) return;
  const theme = next();
  form.elements.theme.value = theme;
  root.toggleAttribute('data-switching', true);
  root.dataset.theme = theme;
  document.querySelector('meta[name="color-scheme"]').content = theme;
  requestAnimationFrame(() => requestAnimationFrame(() => root.removeAttribute('data-switching')));
});
