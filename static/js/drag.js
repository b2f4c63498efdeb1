// Dragging by mouse and by finger. What a page gives:
//   items                   a selector of what can be dragged; its buttons and menus stay what they are
//   targets                 a selector of where it can be dropped
//   ghostOf(item)           makes what goes with the pointer
//   follow(ghost, now, at)  puts it there: where the pointer is, where it took the item; each {x, y}
//   isOver(item, target, ghost)  told what the pointer is over, or that it is over nothing; says whether to mark it
//   scroll({x, y})          scrolls under what is dragged, by nearEdge()
//   drop(item, target)      let go over a target, or over nothing, or given up
//   back(item, ghost)       shows where it went back to, if anything is to be seen
const SLOP = 6; // px a mouse goes before it drags
const PRESS = 350; // ms a finger rests before it drags; sooner, it scrolls
const EDGE = 60; // px from an edge where the page scrolls along

export const nearEdge = (at, low, high) => (at < low + EDGE ? -1 : at > high - EDGE ? 1 : 0);

const { body } = document;
const pointOf = ({ clientX: x, clientY: y }) => ({ x, y });
const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };

export function makeDraggable({ items, targets, ghostOf, follow, isOver, scroll, drop, back }) {
  let drag; // { item, at, timer } at first; with a ghost once the item is lifted

  function lift() {
    drag.ghost = ghostOf(drag.item);
    body.append(drag.ghost);
    body.toggleAttribute('data-dragging', true);
    getSelection().removeAllRanges();
    drag.item.classList.add('dragged');
    carry(drag.at);
    requestAnimationFrame(scrollAlong);
  }

  function carry(now) {
    const { item, ghost, at } = drag;
    drag.now = now;
    follow(ghost, now, at);
    const target = document.elementFromPoint(now.x, now.y)?.closest(targets);
    if (target !== drag.target) drag.target?.classList.remove('over');
    drag.target = target;
    const isMarked = isOver(item, target, ghost);
    target?.classList.toggle('over', isMarked);
  }

  function scrollAlong() {
    if (!drag?.ghost) return;
    scroll(drag.now);
    carry(drag.now);
    requestAnimationFrame(scrollAlong);
  }

  async function end(isMeant) {
    if (!drag) return;
    const { item, target, ghost, timer } = drag;
    clearTimeout(timer);
    drag = undefined;
    if (!ghost) return;
    target?.classList.remove('over');
    body.toggleAttribute('data-dragging', false);
    await drop(item, isMeant ? target : undefined);
    item.classList.remove('dragged');
    if (item.isConnected) await back?.(item, ghost);
    ghost.remove();
  }

  document.addEventListener('pointerdown', (event) => {
    const item = event.target.closest(items);
    if (!item || !event.isPrimary || event.button || event.target.closest('button, .menu')) return;
    drag = { item, at: pointOf(event) };
    if (event.pointerType === 'touch') drag.timer = setTimeout(lift, PRESS);
  });
  document.addEventListener('pointermove', (event) => {
    if (!drag || !event.isPrimary) return;
    const { x, y } = pointOf(event);
    if (drag.ghost) carry({ x, y });
    else if (Math.hypot(x - drag.at.x, y - drag.at.y) >= SLOP) {
      if (event.pointerType === 'touch') return end(false);
      drag.item.setPointerCapture(event.pointerId);
      lift();
      carry({ x, y });
    }
  });
  document.addEventListener('pointerup', (event) => {
    if (!drag?.ghost) return end(false);
    // Letting go is no click on what is there.
    addEventListener('click', stop, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', stop, { capture: true }));
    carry(pointOf(event));
    return end(true);
  });
  document.addEventListener('pointercancel', () => end(false));
  // Before what else Escape would do on the page.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !drag?.ghost) return;
    stop(event);
    end(false);
  }, true);
  document.addEventListener('dragstart', (event) => event.target.closest?.(items) && event.preventDefault());
  document.addEventListener('contextmenu', (event) => drag && event.pointerType === 'touch' && event.preventDefault());
  document.querySelector('main').addEventListener('touchmove', (event) => drag?.ghost && event.preventDefault(), { passive: false });
}
