"use strict";
// Lights up what belongs together: the mentions of one name, a passage and its rendering.
(() => {
  const lit = new Set();
  const clear = () => {
    for (const element of lit) element.classList.remove("lit");
    lit.clear();
  };
  const light = (selector) => {
    for (const element of document.querySelectorAll(selector)) {
      element.classList.add("lit");
      lit.add(element);
    }
  };
  const show = (event) => {
    clear();
    const target = event.target instanceof Element ? event.target : null;
    const name = target && target.closest("[data-x]");
    if (name) light(`[data-x~="${name.dataset.x}"]`);
    const group = target && target.closest("[data-t]");
    if (group) for (const id of group.dataset.t.split(" ")) light(`[data-t~="${id}"]`);
  };
  document.addEventListener("mouseover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("mouseleave", clear);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
  // Names of languages, where the browser knows them.
  try {
    const names = new Intl.DisplayNames(["en"], { type: "language" });
    for (const element of document.querySelectorAll("[data-lang]")) {
      if (element.dataset.lang !== "und") element.title = names.of(element.dataset.lang);
    }
  } catch {
    // What is no language tag keeps its code.
  }
})();
