"use strict";

// The app takes keys once it was told that the page has the focus, and can be told once it has sent
// something; the terminal of a page that was just opened has it not by itself.
const giveFocus = () => {
  const input = document.querySelector(".xterm-helper-textarea");
  input?.blur();
  input?.focus();
};

window.addEventListener("load", () => {
  const observer = new MutationObserver(() => {
    if (document.body.classList.contains("-first-byte")) {
      observer.disconnect();
      giveFocus();
    }
  });
  observer.observe(document.body, { attributeFilter: ["class"] });
});
