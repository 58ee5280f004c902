// A helper's phone: who has left is not shown again. The server forgets after the same time without this file.
"use strict";
(() => {
  const bar = document.querySelector("[data-away]"), soon = document.getElementById("away-soon");
  const MINUTE = 60000, SILENCE = 10 * MINUTE, WARNING = 9 * MINUTE, SIGN = 2 * MINUTE;
  let touched = Date.now(), told = Date.now();
  // A page that the browser kept for "back" may be of the person before: ask the server again.
  addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
  const touch = () => {
    touched = Date.now();
    soon.textContent = "";
    if (touched - told > SIGN) {
      told = touched;
      fetch(bar.dataset.alive, { cache: "no-store" }).catch(() => {});
    }
  };
  for (const sign of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(sign, touch, { passive: true });
  const look = () => {
    const silent = Date.now() - touched;
    if (silent >= SILENCE) location.replace(bar.dataset.away);
    else if (silent >= WARNING && !soon.textContent) soon.textContent = soon.dataset.says;
  };
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", look);
})();
