// The theme changes at once; the form tells the server, for the next page and the next computer.
const root = document.documentElement;

function next() {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  return dark ? 'light' : 'dark';
}

// '' is as the system says.
function show(theme) {
  root.toggleAttribute('data-switching', true);
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.querySelector('meta[name="color-scheme"]').content = theme || 'light dark';
  for (const radio of document.querySelectorAll('[data-theme-choice] [name="theme"]')) radio.checked = radio.value === theme;
  requestAnimationFrame(() => requestAnimationFrame(() => root.removeAttribute('data-switching')));
}

document.addEventListener('click', (event) => {
  const form = event.target.closest('[data-theme-form] button')?.form;
  if (!form) return;
  form.elements.theme.value = next();
  show(form.elements.theme.value);
});

document.addEventListener('change', (event) => event.target.closest('[data-theme-choice]') && show(event.target.value));
