// Comforts only: every page works without this file.
"use strict";

(() => {
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => closeMenus(event.target));

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest("details.menu[open]");
    closeMenus(null);
    if (menu) menu.querySelector("summary").focus();
  });

  // A slow line invites a second click; one form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.closest("[hx-post], [data-again]")) return;
    if (form.dataset.sent) event.preventDefault();
    else {
      form.dataset.sent = "yes";
      // An answer that is a download leaves the page, and its buttons, in place.
      setTimeout(() => delete form.dataset.sent, 8000);
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const words = button.querySelector("[role=status]");
    const before = words.textContent;
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    words.textContent = button.dataset.copied;
    setTimeout(() => { words.textContent = before; }, 2000);
  });

  const prepare = (root) => {
    // The clipboard is open to secure pages only.
    if (navigator.clipboard) for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
    root.querySelector("[data-focus-first]")?.focus();
  };

  prepare(document);
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
})();
