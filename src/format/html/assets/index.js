"use strict";
// Sorts the table by a column, and filters its rows.
(() => {
  const table = document.getElementById("documents");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(undefined, { numeric: true });
  const value = (row, column, number) => {
    const text = row.cells[column].textContent;
    return number ? parseInt(text, 10) : text;
  };
  const sort = (head, column) => {
    const number = head.classList.contains("number");
    const down = head.getAttribute("aria-sort") === (number ? null : "ascending");
    const turn = down ? -1 : 1;
    const keyed = rows.map((row) => [value(row, column, number), row]);
    keyed.sort(([a], [b]) => turn * (number ? a - b : collator.compare(a, b)));
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...keyed.map(([, row]) => row));
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, column));
    head.replaceChildren(button);
  });
  const filter = document.getElementById("filter");
  const found = document.getElementById("found");
  const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
  const apply = () => {
    const words = filter.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    found.textContent = words.length ? `${shown} of ${rows.length}` : "";
  };
  filter.closest("[hidden]").hidden = false;
  filter.addEventListener("input", apply);
  apply();
})();
