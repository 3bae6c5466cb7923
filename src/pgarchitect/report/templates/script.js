"use strict";
(() => {
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      select(element);
      return document.execCommand("copy");
    }
  };
  for (const button of document.querySelectorAll("button.copy")) {
    const code = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.textContent = (await copy(code)) ? "Copied" : "Press Ctrl+C";
      window.setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
  }
  const folds = () => document.querySelectorAll("details");
  window.addEventListener("beforeprint", () => {
    for (const fold of folds()) { fold.dataset.wasOpen = fold.open ? "1" : ""; fold.open = true; }
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folds()) { fold.open = fold.dataset.wasOpen === "1"; }
  });
})();
