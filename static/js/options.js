// A list of [role="option"], one of which is pointed at while the field beside it keeps the focus.
export const pointed = (options) => options.findIndex((option) => option.ariaSelected === 'true');

export function point(field, options, index) {
  const now = options.at(index % (options.length || 1));
  options.forEach((option) => option.setAttribute('aria-selected', option === now));
  if (!now) return field.removeAttribute('aria-activedescendant');
  field.setAttribute('aria-activedescendant', now.id);
  return now.scrollIntoView({ block: 'nearest' });
}

// Tells whether the key was one of the arrows.
export function walk(field, options, key) {
  const here = pointed(options);
  if (key === 'ArrowDown') point(field, options, here + 1);
  else if (key === 'ArrowUp') point(field, options, here < 1 ? -1 : here - 1);
  else return false;
  return true;
}
