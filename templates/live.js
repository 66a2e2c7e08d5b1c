"use strict";
(() => {
  const run = __RUN__;
  const number = __PIECES__;
  let version = __VERSION__;
  const place = "phantom-place";

  // What the reader did to the page survives a reload: where it is scrolled to, what is open, what is filtered.
  const openable = () => [...document.querySelectorAll("details")];
  const sections = () => [...document.querySelectorAll("main > section")];
  const fields = () => [...document.querySelectorAll("input, select")].filter((field) => field.id);
  const remember = () => {
    const kept = {
      x: scrollX,
      y: scrollY,
      heights: sections().map((one) => one.offsetHeight),
      open: openable().map((one) => one.open),
      fields: fields().map((field) => [field.id, field.type === "checkbox" ? field.checked : field.value]),
      sideways: [...document.querySelectorAll(".scroll")].map((one) => one.scrollLeft),
    };
    try { sessionStorage.setItem(place, JSON.stringify(kept)); } catch { /* a full or forbidden storage loses the place */ }
  };
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(place));
    sessionStorage.removeItem(place);
  } catch { /* as above */ }
  const restorePlace = () => {
    if (!kept) return;
    // Sections out of sight are not laid out yet; they are as high as they were.
    sections().forEach((one, index) => {
      if (kept.heights[index]) one.style.containIntrinsicSize = `auto ${kept.heights[index]}px`;
    });
    const details = openable();
    if (details.length === kept.open.length) details.forEach((one, index) => { one.open = kept.open[index]; });
    document.querySelectorAll(".scroll").forEach((one, index) => { one.scrollLeft = kept.sideways[index] || 0; });
    scrollTo({ left: kept.x, top: kept.y, behavior: "instant" });
  };
  const restoreFields = () => {
    if (!kept) return;
    for (const [id, value] of kept.fields) {
      const field = document.getElementById(id);
      if (!field) continue;
      if (field.type === "checkbox") field.checked = value; else if (field.value === value) continue; else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  // The page reads without its own script; what that adds comes after the first frame.
  let ran = false;
  const hasOwn = document.querySelector('script:not([type="application/json"]):not(#phantom-live)') !== null;
  const runLater = () => document.querySelectorAll('script[type="text/phantom-later"]').forEach((later) => {
    const script = document.createElement("script");
    script.textContent = later.textContent;
    later.replaceWith(script);
  });

  const host = document.createElement("div");
  const shade = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = `
    :host { all: initial; }
    .veil { position: fixed; inset: 0; z-index: 2147483646; background: rgba(16, 18, 24, .62); overflow: auto; }
    .box { box-sizing: border-box; max-width: 72rem; margin: 6vh auto; padding: 1.25rem 1.5rem; border-radius: .6rem;
      background: #14161c; color: #f2f3f5; border-top: .3rem solid #ff6b6b; box-shadow: 0 1rem 3rem rgba(0, 0, 0, .5); }
    h1 { font: 600 1.05rem system-ui, sans-serif; margin: 0 0 .75rem; }
    pre { font: .875rem/1.45 ui-monospace, monospace; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
    .away { position: fixed; right: .75rem; bottom: .75rem; z-index: 2147483646; padding: .4rem .7rem; border-radius: .4rem;
      background: #14161c; color: #f2f3f5; font: .8rem system-ui, sans-serif; }
    @media print { .veil, .away { display: none; } }`;
  shade.append(style);

  const show = (kind, title, text) => {
    hide();
    const outer = document.createElement("div");
    outer.className = kind;
    outer.setAttribute("role", kind === "veil" ? "alert" : "status");
    if (kind === "veil") {
      const box = document.createElement("div");
      box.className = "box";
      const head = document.createElement("h1");
      head.textContent = title;
      const pre = document.createElement("pre");
      pre.textContent = text;
      box.append(head, pre);
      outer.append(box);
    } else {
      outer.textContent = title;
    }
    shade.append(outer);
    if (!host.isConnected) document.documentElement.append(host);
  };
  const hide = () => shade.querySelectorAll(".veil, .away").forEach((one) => one.remove());

  // A frame with the page, then that it was there, then what can wait.
  const tellPainted = (then) => requestAnimationFrame(() => setTimeout(() => {
    fetch("/__painted", { method: "POST", body: String(version), keepalive: true }).catch(() => {});
    if (then) then();
  }));

  // Pieces of the page as the server counts them: the outermost metas, titles, headers, sections, footers and scripts of JSON.
  const outer = "meta, title, header, section, footer";
  const pieces = [...document.querySelectorAll(`${outer}, script[type="application/json"]`)]
    .filter((piece) => !piece.parentElement.closest(outer));
  const made = (text) => {
    const template = document.createElement("template");
    template.innerHTML = text;
    return template.content.firstElementChild;
  };
  // What the reader opened or typed in a piece is so in the one that takes its place.
  const inherit = (fresh, old) => {
    const [from, to] = [old, fresh].map((piece) => [...piece.querySelectorAll("details")]);
    if (from.length === to.length) to.forEach((one, index) => { one.open = from[index].open; });
    for (const one of fresh.querySelectorAll("input[id], select[id], textarea[id]")) {
      const other = document.getElementById(one.id);
      if (other) for (const name of ["value", "checked"]) one[name] = other[name];
    }
  };
  const replace = (newer) => {
    if (newer.some(([at]) => !pieces[at]?.isConnected)) return false;
    const parts = newer.map(([at, text]) => ({ at, old: pieces[at], fresh: made(text) }));
    if (parts.some(({ old, fresh }) => fresh?.localName !== old.localName)) return false;
    // The piece at the top of the window, or the next that stays, keeps its place there.
    const inWindow = pieces.filter((piece) => piece.getClientRects().length && piece.getBoundingClientRect().bottom > 0);
    const top = inWindow[0];
    const place = top?.getBoundingClientRect().top;
    const topAt = pieces.indexOf(top);
    const heights = parts.map(({ old }) => old.offsetHeight || 0);
    const sideways = parts.map(({ old }) => [...old.querySelectorAll(".scroll")].map((one) => one.scrollLeft));
    const held = document.activeElement?.id;
    const root = document.documentElement.style;
    root.overflowAnchor = "none";
    parts.forEach(({ at, old, fresh }, index) => {
      if (old.localName === "script") { old.textContent = fresh.textContent; return; }
      if (old.localName === "title") { document.title = fresh.textContent; return; }
      inherit(fresh, old);
      if (heights[index]) fresh.style.containIntrinsicSize = `auto ${heights[index]}px`;
      old.replaceWith(fresh);
      pieces[at] = fresh;
    });
    // The page's own script, once it ran, takes the new pieces over; one that does not know how asks for a new page.
    const detail = parts.map(({ at, old, fresh }) => ({ old, fresh: pieces[at] === old ? null : fresh, piece: pieces[at] }));
    const unheard = document.dispatchEvent(new CustomEvent("phantom:replaced", { cancelable: true, detail }));
    if (ran && hasOwn && unheard) return false;
    parts.forEach(({ at }, index) => {
      pieces[at].querySelectorAll?.(".scroll").forEach((one, nth) => { one.scrollLeft = sideways[index][nth] || 0; });
    });
    if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus({ preventScroll: true });
    if (topAt >= 0 && scrollY > 0) {
      const moved = pieces[topAt].getBoundingClientRect().top - place;
      if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
    }
    requestAnimationFrame(() => { root.overflowAnchor = ""; });
    return true;
  };
  const renew = () => {
    remember();
    location.reload();
  };

  const events = new EventSource(`/__events?shows=${version}`);
  events.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    if (state.run !== run) return renew();
    if (state.version !== version) {
      const newer = state.pieces?.number === number && pieces.length === number && state.pieces.newer;
      if (!newer || !replace(newer)) return renew();
      version = state.version;
      tellPainted();
    }
    if (state.problem === null) {
      hide();
    } else {
      show("veil", "The report below is the last good one", state.problem);
    }
  });
  events.addEventListener("error", () => { show("away", "phantom watch does not answer"); });
  addEventListener("pagehide", () => events.close());

  restorePlace();
  const finish = () => {
    if (ran) return;
    ran = true;
    runLater();
    restoreFields();
  };
  tellPainted(finish);
  // A page in the background has no frames.
  setTimeout(finish, 1000);
})();
