// No connection: a banner says so, calmly, and goes when the server answers again; `connected` tells who waits for it.
// Nor does anything typed get lost where the session has ended: the banner leads to sign-in, and back.
const banner = document.querySelector('#connection');
const FIRST = 2_000;
const LONGEST = 30_000;

let wait;
let timer;

const isLost = () => banner.querySelector('[data-lost]') !== null;

function lose() {
  if (isLost()) return;
  banner.replaceChildren(document.querySelector('#connection-lost').content.cloneNode(true));
  wait = FIRST;
  timer = setTimeout(ask, wait);
}

async function ask() {
  clearTimeout(timer);
  if (!isLost()) return;
  const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => undefined);
  if (answer?.ok) {
    banner.replaceChildren();
    document.body.dispatchEvent(new Event('connected'));
    return;
  }
  wait = Math.min(wait * 2, LONGEST);
  timer = setTimeout(ask, wait);
}

document.body.addEventListener('signedOut', ({ detail }) => {
  const strip = document.querySelector('#connection-ended').content.cloneNode(true);
  strip.querySelector('a').href = detail.url;
  banner.replaceChildren(strip);
});

addEventListener('offline', lose);
addEventListener('online', ask);
document.body.addEventListener('htmx:sendError', lose);
document.body.addEventListener('htmx:timeout', lose);
if (!navigator.onLine) lose();
