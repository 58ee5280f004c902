/* Where a page shows how far long work is: fetch the page again and put the newer state in.
   Only an improvement: the link beside it shows the same. */
(() => {
  const SECONDS = 2;
  const SLOWER = 1.5; // after each failure, up to half a minute
  let wait = SECONDS;

  const region = () => document.querySelector("[data-follow]");

  const look = async () => {
    try {
      const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!reply.ok) throw new Error(reply.status);
      if (reply.redirected) return location.reload(); // signed out meanwhile
      const next = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-follow]");
      if (!next) return location.reload(); // the work has ended: the whole page tells how
      for (const part of next.querySelectorAll("[id]")) {
        const old = document.getElementById(part.id);
        if (old && old.outerHTML !== part.outerHTML) old.replaceWith(document.importNode(part, true));
      }
      wait = SECONDS;
    } catch {
      wait = Math.min(wait * SLOWER, 30); // no line, or the service is busy
    }
    later();
  };

  const later = () => region() && setTimeout(() => (document.hidden ? later() : look()), wait * 1000);
  later();
})();
