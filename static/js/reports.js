// Reports: print; on a phone a chart begins with the present month in sight.

const showNow = (root) => {
  for (const chart of root.querySelectorAll("[data-chart]")) {
    const now = chart.querySelector("[data-now]");
    if (!now || chart.scrollWidth <= chart.clientWidth) continue;
    const box = now.getBoundingClientRect();
    chart.scrollLeft += box.left + box.width / 2 - chart.getBoundingClientRect().left - chart.clientWidth / 2;
  }
};

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:afterSettle", (event) => showNow(event.target.parentElement ?? document));
showNow(document);
