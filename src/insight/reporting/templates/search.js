(() => {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/ø/g, "o").replace(/ł/g, "l").replace(/æ/g, "ae").replace(/ß/g, "ss").replace(/&/g, " and ")
    .replace(/['’.]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").replace(/\bsaint\b/g, "st").trim();
  const split = (text) => plain(text).split(" ").filter(Boolean);
  const set = (text) => new Set(text.split(" "));
  const ofPlaces = set("authority borough city council county district la local metropolitan of royal the unitary");
  const ofQuestions = set("a about an and any are at be been by can could did do does for from get had has have how i if in is "
    + "it its long many me much my of on or our should take takes taking tell than that the their they this to us was we were "
    + "what when where which who why will with would");
  const edits = (a, b, most) => {
    let before = [], last = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= b.length; j += 1) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min(...row) > most) return false;
      before = last;
      last = row;
    }
    return last[b.length] <= most;
  };
  const begins = (word, typed) => word.startsWith(typed);
  const nearly = (word, typed) => {
    const most = typed.length > 7 ? 2 : typed.length > 3 ? 1 : 0;
    if (begins(word, typed)) return true;
    for (let more = -most; most && more <= most; more += 1) {
      if (edits(typed, word.slice(0, typed.length + more), most)) return true;
    }
    return false;
  };
  const akin = (word, typed) => {
    if (nearly(word, typed)) return true;
    const shared = Math.max(4, typed.length - 3);
    return word.length >= shared && typed.length >= 5 && word.slice(0, shared) === typed.slice(0, shared);
  };
  const read = (name) => [...document.querySelectorAll(`[data-${name}]`)].map((item) => {
    const words = split(item.dataset[name]);
    return { item, words, joined: words.join("") };
  });
  const places = read("find"), questions = read("ask");
  const box = document.getElementById("find"), said = document.getElementById("found");
  const rest = document.getElementById("rest");
  const found = (typed, like) => places.filter(({ words, joined }) =>
    typed.every((part) => words.some((word) => like(word, part)))
    || (like === begins && typed.join("").length > 2 && joined.includes(typed.join(""))));
  const placesOf = (typed) => {
    const telling = typed.filter((part) => !ofPlaces.has(part));
    for (const like of [begins, nearly]) {
      for (const parts of [typed, telling]) {
        const hits = parts.length ? found(parts, like) : [];
        if (hits.length) return hits;
      }
    }
    return [];
  };
  const questionsOf = (typed) => {
    const telling = typed.filter((part) => !ofQuestions.has(part));
    const parts = telling.length ? telling : typed;
    const share = ({ words }) => parts.filter((part) => words.some((word) => akin(word, part))).length / parts.length;
    const scored = questions.map((question) => [question, share(question)]);
    const best = Math.max(0.5, ...scored.map(([, score]) => score));
    return scored.filter(([, score]) => score >= best - 0.001).map(([question]) => question);
  };
  const counted = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
  const show = () => {
    const typed = split(box.value);
    const shown = new Set([...(typed.length ? placesOf(typed) : places), ...(typed.length ? questionsOf(typed) : questions)]
      .map(({ item }) => item));
    for (const { item } of [...places, ...questions]) item.hidden = !shown.has(item);
    const groups = [...document.querySelectorAll("[data-group]")];
    for (const group of groups) group.hidden = !group.querySelector("[data-find]:not([hidden]), [data-ask]:not([hidden])");
    for (const heading of document.querySelectorAll("h3[data-find]")) {
      if (heading.parentElement.querySelector("li:not([hidden])")) heading.hidden = false;
      else if (!heading.hidden) for (const item of heading.parentElement.querySelectorAll("li")) item.hidden = false;
    }
    if (rest) rest.open = typed.length > 0 && !rest.hidden;
    const seen = (items) => items.filter(({ item }) => !item.hidden).length;
    const told = [counted(seen(questions), "question"), counted(places.filter(({ item }) => !item.hidden && item.matches("li")).length, "area")];
    said.textContent = !typed.length ? ""
      : groups.every((group) => group.hidden) ? "Nothing found. Try fewer letters, other words or the code." : `${told.join(" and ")} found`;
  };
  box.addEventListener("input", show);
  document.getElementById("search").hidden = false;
  if (box.value) show();
})();
