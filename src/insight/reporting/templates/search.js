(() => {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/&/g, " and ")
    .replace(/['’.]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").replace(/\bsaint\b/g, "st").trim();
  const slip = (a, b) => {
    let at = 0;
    while (at < a.length && a[at] === b[at]) at += 1;
    return a.slice(at + 1) === b.slice(at + 1) || a.slice(at) === b.slice(at + 1) || a.slice(at + 1) === b.slice(at)
      || (a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2));
  };
  const begins = (word, typed) => word.startsWith(typed);
  const nearly = (word, typed) => typed.length > 3
    && [-1, 0, 1].some((more) => slip(typed, word.slice(0, typed.length + more)));
  const box = document.getElementById("find");
  const said = document.getElementById("found");
  const rest = document.getElementById("rest");
  const items = [...document.querySelectorAll("[data-find]")].map((item) => {
    const words = plain(item.dataset.find).split(" ");
    return { item, words, joined: words.join("") };
  });
  const matches = (typed, like) => items.filter(({ words, joined }) =>
    typed.every((part) => words.some((word) => like(word, part)))
    || (like === begins && typed.join("").length > 2 && joined.includes(typed.join(""))));
  const show = () => {
    const typed = plain(box.value).split(" ").filter(Boolean);
    const exact = matches(typed, begins);
    const shown = new Set((exact.length ? exact : matches(typed, nearly)).map(({ item }) => item));
    for (const { item } of items) item.hidden = !shown.has(item);
    for (const region of document.querySelectorAll("[data-region]")) {
      region.hidden = !region.querySelector("[data-find]:not([hidden])");
    }
    if (rest) rest.open = typed.length > 0 && !rest.hidden;
    said.textContent = typed.length ? `${shown.size} of ${items.length} areas` : "";
  };
  box.addEventListener("input", show);
  document.getElementById("search").hidden = false;
  if (box.value) show();
})();
