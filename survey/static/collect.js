/* Where one answer decides what else a page asks: ask the server at once, and put its questions in.
   Only an improvement: without it, "continue" brings the same questions. */
(() => {
  const form = document.querySelector("form[data-asks]");
  const status = document.getElementById("asks");
  const blocks = (place) => [...place.querySelectorAll(":scope > [data-q]")];
  let last = "";

  const typed = () => {
    const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    return new URLSearchParams([...pairs, ["-go", "look"]]);
  };

  // Nothing that is being typed, is marked as wrong, holds a file or is the page's heading is replaced.
  const stays = (block) =>
    block.contains(document.activeElement) || block.querySelector(".invalid, [type=file], h1");

  const swap = (next) => {
    const wanted = blocks(next).map((block) => document.importNode(block, true));
    const names = new Set(wanted.map((block) => block.dataset.q));
    for (const block of blocks(form)) if (!names.has(block.dataset.q)) block.remove();
    const there = new Map(blocks(form).map((block) => [block.dataset.q, block]));
    const first = blocks(form)[0];
    let before = null;
    let added = false;
    for (const block of wanted) {
      const old = there.get(block.dataset.q);
      if (!old) {
        if (before) before.after(block);
        else form.insertBefore(block, first ?? form.querySelector(":scope > .actions"));
        added = true;
      } else if (!stays(old) && old.outerHTML !== block.outerHTML) old.replaceWith(block);
      before = block.isConnected ? block : old;
    }
    status.textContent = added ? status.dataset.says : "";
  };

  const ask = async () => {
    const body = typed();
    const sent = (last = body.toString());
    try {
      const reply = await fetch(form.getAttribute("action"), { method: "POST", body });
      const text = await reply.text();
      if (!reply.ok || reply.redirected || sent !== last) return;
      if (typed().toString() !== sent) return ask();
      const next = new DOMParser().parseFromString(text, "text/html").querySelector("form[data-asks]");
      if (next) swap(next);
    } catch {
      /* No line: "continue" asks later. */
    }
  };

  form.addEventListener("change", ask);
})();
