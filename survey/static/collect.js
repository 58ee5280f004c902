/* Four improvements of a page of questions, each of which may be missing: what an answer decides is asked at once,
   what is typed is kept while the person goes on, long lists suggest names, and the questions are read aloud. */
const form = document.getElementById("answers");

// Files stay where they are: only the page's own button sends them.
const typed = (...more) => {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams([...pairs, ...more]);
};
const send = (body, more) => fetch(form.getAttribute("action"), { method: "POST", body, ...more });

/* Where one answer decides what else a page asks: ask the server at once, and put its questions in.
   Without it, "continue" brings the same questions. */
const askAtOnce = () => {
  const status = document.getElementById("asks");
  const blocks = (place) => [...place.querySelectorAll(":scope > [data-q]")];
  const look = () => typed(["-go", "look"]);
  let last = "";

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
    const body = look();
    const sent = (last = body.toString());
    try {
      const reply = await send(body);
      const text = await reply.text();
      if (!reply.ok || reply.redirected || sent !== last) return;
      if (look().toString() !== sent) return ask();
      const next = new DOMParser().parseFromString(text, "text/html").querySelector("form[data-asks]");
      if (next) swap(next);
    } catch {
      /* No line: "continue" asks later. */
    }
  };

  form.addEventListener("change", ask);
};

/* A few seconds after a change, and when the page is left: keep what is typed beside the answers. */
const keepTyped = () => {
  const WAIT = 3000;
  const AGAIN = 15000;
  const MOST_KEPT_ALIVE = 60000;
  const status = document.getElementById("saved");
  const own = [
    ["-go", "keep"],
    ["-window", crypto.getRandomValues(new Uint32Array(2)).join("-")],
    ["-shown", form.dataset.window],
  ];
  let kept = typed().toString();
  let timer = 0;
  let sending = null;
  let over = false;

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  const later = (wait) => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(keep, wait);
  };
  const end = (text) => {
    over = true;
    say(text);
  };

  const keep = async () => {
    const now = typed().toString();
    if (over || sending || now === kept) return;
    clearTimeout(timer);
    sending = new AbortController();
    try {
      const body = typed(...own);
      const keepalive = body.toString().length < MOST_KEPT_ALIVE;
      const reply = await send(body, { keepalive, signal: sending.signal });
      if (reply.status >= 500 || reply.status === 429) throw new Error(reply.status);
      const ours = reply.headers.get("Content-Type")?.startsWith("text/plain");
      if (!ours || !reply.ok) return end(ours ? await reply.text() : status.dataset.over);
      kept = now;
      say(await reply.text());
      if (typed().toString() !== kept) later(WAIT);
    } catch {
      if (!over) say(status.dataset.later);
      later(AGAIN);
    } finally {
      sending = null;
    }
  };

  form.addEventListener("input", () => later(WAIT));
  form.addEventListener("change", () => later(WAIT));
  form.addEventListener("submit", () => {
    over = true; // the button saves now: nothing older may come after it
    clearTimeout(timer);
    sending?.abort();
  });
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  addEventListener("pagehide", keep);
  addEventListener("pageshow", (event) => {
    if (event.persisted) over = false;
  });
  addEventListener("online", keep);
};

/* A button that reads the page's questions aloud, where the browser has a voice of their language. */
const readAloud = () => {
  const button = document.getElementById("aloud");
  const speech = window.speechSynthesis;
  if (!button || !speech) return;
  const SPOKEN = "h1:not(.hidden), legend, label, .hint, .field-error, .told p";
  const voiceOf = (code) =>
    speech.getVoices().find((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === code.split("-")[0]);
  const offer = () => {
    button.hidden = !voiceOf(button.dataset.language);
  };
  const stop = () => {
    speech.cancel();
    button.setAttribute("aria-pressed", "false");
  };
  // A legend may hold the heading, and a group its labels: what holds another of them is left to that one.
  const texts = () =>
    [...document.querySelectorAll("main h1:not(.hidden)"), ...form.querySelectorAll(SPOKEN)].filter(
      (place, at, all) => all.indexOf(place) === at && !place.querySelector(SPOKEN) && place.textContent.trim(),
    );
  const speak = () => {
    const parts = texts().flatMap((place) => {
      const code = (place.querySelector("[lang]") ?? place).closest("[lang]").lang;
      const voice = voiceOf(code);
      if (!voice) return [];
      const part = new SpeechSynthesisUtterance(place.textContent.replace(/\s+/g, " ").trim());
      return [Object.assign(part, { voice, lang: voice.lang })];
    });
    if (!parts.length) return;
    parts.at(-1).onend = stop;
    button.setAttribute("aria-pressed", "true");
    parts.forEach((part) => speech.speak(part));
  };

  button.addEventListener("click", () => (button.getAttribute("aria-pressed") === "true" ? stop() : speak()));
  addEventListener("pagehide", stop);
  speech.addEventListener?.("voiceschanged", offer);
  offer();
};

/* Names of a long list under its field, after a pause in typing: a combobox as the ARIA practices describe it. */
const suggest = (field) => {
  const PAUSE = 300;
  const LEAST = 2;
  const list = document.createElement("ul");
  Object.assign(list, { className: "suggestions", id: `${field.id}-list`, role: "listbox", hidden: true });
  list.setAttribute("aria-label", field.dataset.search);
  field.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  }))
    field.setAttribute(name, value);
  const known = new Map();
  let timer = 0;
  let at = -1;

  const close = () => {
    clearTimeout(timer);
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (text) => {
    field.value = text;
    close();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const mark = (place) => {
    const options = [...list.children];
    if (!options.length) return;
    at = (place + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    options[at].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", options[at].id);
  };
  const show = (names) => {
    at = -1;
    list.replaceChildren(
      ...names.map((text, number) => {
        const option = document.createElement("li");
        Object.assign(option, { id: `${list.id}-${number}`, role: "option", textContent: text });
        option.setAttribute("aria-selected", "false");
        return option;
      }),
    );
    list.hidden = !names.length;
    field.setAttribute("aria-expanded", String(names.length > 0));
    field.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    const text = field.value.trim();
    if (text.length < LEAST) return close();
    // What is offered may rest on other answers of the page.
    const body = typed(["-go", "suggest"], ["-for", field.name]);
    const key = body.toString();
    try {
      if (!known.has(key)) known.set(key, await (await send(body)).json());
      if (field.value.trim() === text && document.activeElement === field) show(known.get(key));
    } catch {
      close(); // no line: the name is looked up when the page is sent
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "ArrowDown" && !list.hidden) mark(at + 1);
    else if (event.key === "ArrowUp" && !list.hidden) mark(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && at >= 0) choose(list.children[at].textContent);
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  // The field keeps the focus while a finger chooses.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option.textContent);
  });
};

if (form.matches("[data-asks]")) askAtOnce();
form.querySelectorAll("[data-search]").forEach(suggest);
keepTyped();
readAloud();
