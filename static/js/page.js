// Every request says which page it comes from, with the filters that the page has now: the server never guesses that
// from the address of the browser.
const { body } = document;

body.addEventListener('htmx:configRequest', ({ detail }) => { detail.headers['X-Page'] = body.dataset.page; });

// The server has given the page another address: its filters were changed in place.
for (const name of ['htmx:pushedIntoHistory', 'htmx:replacedInHistory']) {
  body.addEventListener(name, ({ detail }) => {
    const { pathname, search } = new URL(detail.path, location.href);
    body.dataset.page = pathname + search;
  });
}
