// @mentions: after an @ the people of the claim are offered.
//   data-mentions='[{"username": "belova", "name": "Марина Белова", "role": "бухгалтер"}]'   on the textarea
//   data-mentions-menu         the listbox beside it, hidden; data-mention-button types the @
import { point, pointed, walk } from './options.js';

const AT = /(^|[\s(])@([\p{L}\w.@+-]*)$/u;

const field = () => document.activeElement?.closest('[data-mentions]');
const menuOf = (text) => text.form.querySelector('[data-mentions-menu]');
const plain = (text) => text.toLowerCase().replaceAll('ё', 'е');

function typed(text) {
  return text.value.slice(0, text.selectionStart).match(AT)?.[2];
}

function offer(text) {
  const menu = menuOf(text);
  const start = typed(text);
  const people = start === undefined ? [] : JSON.parse(text.dataset.mentions).filter(({ name, username }) =>
    [...name.split(' '), username].some((word) => plain(word).startsWith(plain(start)))).slice(0, 6);
  menu.replaceChildren(...people.map((person, index) => option(menu, person, index)));
  menu.hidden = !people.length;
  point(text, [...menu.children], 0);
}

function option(menu, person, index) {
  const item = document.createElement('div');
  const role = document.createElement('small');
  item.role = 'option';
  item.id = `${menu.id}-${index}`;
  item.dataset.username = person.username;
  role.textContent = person.role;
  item.append(person.name, role);
  return item;
}

function take(text, item) {
  const end = text.selectionStart;
  text.setRangeText(`@${item.dataset.username} `, end - typed(text).length - 1, end, 'end');
  close(text);
  text.focus();
}

function close(text) {
  const menu = menuOf(text);
  menu.replaceChildren();
  menu.hidden = true;
  point(text, [], 0);
}

document.addEventListener('input', (event) => event.target.matches?.('[data-mentions]') && offer(event.target));
document.addEventListener('focusout', (event) => event.target.matches?.('[data-mentions]') && close(event.target));

document.addEventListener('keydown', (event) => {
  const text = field();
  const items = text ? [...menuOf(text).children] : [];
  if (!items.length || event.ctrlKey || event.metaKey) return;
  if (event.key === 'Enter' || event.key === 'Tab') take(text, items[pointed(items)]);
  else if (event.key === 'Escape') close(text);
  else if (!walk(text, items, event.key)) return;
  event.preventDefault();
});

// The text keeps the focus: a click in the menu must not close it before it is taken.
document.addEventListener('pointerdown', (event) => {
  const item = event.target.closest('[data-mentions-menu] [data-username]');
  if (!item) return;
  event.preventDefault();
  take(item.closest('form').querySelector('[data-mentions]'), item);
});

document.addEventListener('click', (event) => {
  const text = event.target.closest('[data-mention-button]')?.form.querySelector('[data-mentions]');
  if (!text) return;
  text.focus();
  const gap = /\S$/.test(text.value.slice(0, text.selectionStart)) ? ' @' : '@';
  text.setRangeText(gap, text.selectionStart, text.selectionEnd, 'end');
  offer(text);
});
