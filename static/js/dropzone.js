// Files by dropping them or choosing them.
//   data-dropzone          what they are dropped on; has (or, by data-dropzone="id", names) an <input type="file">
//   data-files="id"        where the names of the chosen files of that input are shown
//   data-auto              on the input: its form is sent as soon as a file is chosen
//   data-most, data-refused="id"   how large one may be, and where it is said which are not sent and why (data-too-large, data-empty)
//   data-progress          a <progress> in the form: how much of it is sent
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

// What the server would refuse is not even sent, and the rest goes all the same.
function sift(input) {
  const place = document.getElementById(input.dataset.refused);
  const kept = new DataTransfer();
  place.replaceChildren();
  for (const file of input.files) {
    const why = file.size > Number(input.dataset.most) ? place.dataset.tooLarge : !file.size && place.dataset.empty;
    if (!why) kept.items.add(file);
    else {
      const line = document.createElement('p');
      line.className = 'strip bad';
      line.textContent = `${file.name}: ${why}`;
      place.append(line);
    }
  }
  input.files = kept.files;
}

document.addEventListener('htmx:xhr:progress', ({ target, detail }) => {
  const bar = target.querySelector?.('[data-progress]');
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = detail.loaded / detail.total;
});

document.addEventListener('htmx:afterRequest', ({ target }) => target.querySelector?.('[data-progress]')?.setAttribute('hidden', ''));

document.addEventListener('change', (event) => {
  const input = event.target;
  if (!input.matches?.('input[type="file"]')) return;
  if (input.dataset.refused) sift(input);
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
