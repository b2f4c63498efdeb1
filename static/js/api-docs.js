// The page of the API. What is tried there goes with the token that is typed in, or as whoever is signed in.

const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  // It would ask a server of its maker's.
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (!["GET", "HEAD", undefined].includes(request.method)) request.headers["X-CSRFToken"] = place.dataset.csrf;
    return request;
  },
});
