// What can be wrong with the looks of a page: [what, where] of each thing that is cut off or sticks out.
() => {
  const found = [];
  const told = (element) => {
    const { id, className, tagName, innerText } = element;
    return `${tagName.toLowerCase()}${id && `#${id}`}.${String(className.baseVal ?? className).replaceAll(' ', '.')} «${(innerText ?? '').slice(0, 60)}»`;
  };
  const scrolls = (style) => /auto|scroll/.test(style.overflowX);
  const isInScroller = (element) => {
    for (let parent = element; parent && parent !== document.body; parent = parent.parentElement) {
      const style = getComputedStyle(parent);
      if (scrolls(style) || style.overflowX === 'hidden' || style.overflowX === 'clip') return true;
    }
    return false;
  };
  const textsOf = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  // Where the text itself reaches to, cut off or not.
  const reachOf = (texts) => {
    const range = document.createRange();
    const rects = texts.flatMap((node) => { range.selectNodeContents(node); return [...range.getClientRects()]; });
    const most = (side, pick) => pick(...rects.map((rect) => rect[side]));
    return { left: most('left', Math.min), right: most('right', Math.max), bottom: most('bottom', Math.max) };
  };

  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} px wide in a window of ${innerWidth}`);
  for (const element of document.querySelectorAll('body *:not(svg *, script, template *, .vh, .skip)')) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const style = getComputedStyle(element);
    const { left, right, bottom, width, height } = element.getBoundingClientRect();
    if (width <= 1 || height <= 1) continue;
    if ((right > innerWidth + 1 || left < -1) && !isInScroller(element.parentElement)) found.push(`sticks out: ${told(element)}`);
    const texts = textsOf(element);
    if (!texts.length || style.display === 'inline' || scrolls(style)) continue;
    const text = reachOf(texts);
    if (text.right > right + 1 || text.left < left - 1) {
      if (style.textOverflow !== 'ellipsis') found.push(`cut off: ${told(element)}`);
      else if (!element.closest('[title]')) found.push(`cut off with nothing to read it whole: ${told(element)}`);
    }
    if (/hidden|clip/.test(style.overflowY) && text.bottom > bottom + 2 && !element.closest('[title]')) found.push(`cut off below: ${told(element)}`);
  }
  const moving = document.getAnimations().filter(({ playState, effect }) => playState === 'running' && effect.getComputedTiming().activeDuration > 1);
  for (const { effect } of moving) found.push(`moves: ${told(effect.target)}`);
  return found;
}
