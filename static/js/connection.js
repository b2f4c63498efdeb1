// No connection: a banner says so, calmly, and goes when the server answers again; `connected` tells who waits for it.
// Nor does anything typed get lost where the session has ended: the banner leads to sign-in, and back.
const banner = document.querySelector('#connection');
const FIRST = 2_000;
const LONGEST = 30_000;

// What was being asked as one leaves a page is broken off by the browser: that is no lost connection.
const LEAVING = 1_000;

let wait;
let timer;
let leaves = false;

const isLost = () => banner.querySelector('[data-lost]') !== null;

function lose() {
  if (isLost() || leaves) return;
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

// Nor does one always leave: an address may be a file, or one stays to finish what is typed.
addEventListener('beforeunload', () => {
  leaves = true;
  setTimeout(() => { leaves = false; }, LEAVING);
});
addEventListener('offline', lose);
addEventListener('online', ask);
document.body.addEventListener('htmx:sendError', lose);
document.body.addEventListener('htmx:timeout', lose);
if (!navigator.onLine) lose();
