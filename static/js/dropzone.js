// Files by dropping them or choosing them.
//   data-dropzone          what they are dropped on; has (or, by data-dropzone="id", names) an <input type="file">
//   data-files="id"        where the names of the chosen files of that input are shown
//   data-auto              on the input: its form is sent as soon as a file is chosen
const inputOf = (zone) => document.getElementById(zone.dataset.dropzone) ?? zone.querySelector('input[type="file"]');

function drag(event, on) {
  const zone = event.target.closest?.('[data-dropzone]');
  if (!zone || !event.dataTransfer?.types.includes('Files')) return undefined;
  event.preventDefault();
  zone.classList.toggle('over', on);
  return zone;
}

document.addEventListener('dragover', (event) => drag(event, true));
document.addEventListener('dragleave', (event) => drag(event, false));
document.addEventListener('drop', (event) => {
  const zone = drag(event, false);
  if (!zone) return;
  const input = inputOf(zone);
  const files = new DataTransfer();
  [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1).forEach((file) => files.items.add(file));
  input.files = files.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
});

document.addEventListener('change', (event) => {
  const input = event.target;
  if (!input.matches?.('input[type="file"]')) return;
  for (const place of document.querySelectorAll(`[data-files="${CSS.escape(input.id)}"]`)) {
    place.replaceChildren(...[...input.files].map((file) => {
      const name = document.createElement('span');
      name.className = 'file';
      name.textContent = file.name;
      return name;
    }));
  }
  if (input.hasAttribute('data-auto') && input.files.length) input.form.requestSubmit();
});
