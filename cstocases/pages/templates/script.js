// Without this script the page is whole, with every case and every field shown.
"use strict";
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const tell = (id, text) => { document.getElementById(id).textContent = text; };
const boxes = all("input[name=case]");
function filter() {
  const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  all("[data-case]").forEach((part) => { part.hidden = !shown.has(part.dataset.case); });
  tell("said", shown.size + (shown.size === 1 ? " case shown" : " cases shown"));
}
boxes.forEach((box) => box.addEventListener("change", filter));
all("button[data-check]").forEach((button) => button.addEventListener("click", () => {
  boxes.forEach((box) => { box.checked = button.dataset.check === "all" || box.dataset.founding === "true"; });
  filter();
}));
all("button[data-open]").forEach((button) => button.addEventListener("click", () => {
  all(".matrix details").forEach((part) => { part.open = button.dataset.open === "true"; });
}));
if (boxes.length) filter();
const search = document.getElementById("search");
if (search) search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  let found = 0;
  all("#codebook [data-search]").forEach((row) => {
    row.hidden = wanted !== "" && !row.dataset.search.includes(wanted);
    found += row.hidden ? 0 : 1;
  });
  all("#codebook section[data-table]").forEach((part) => {
    part.hidden = all("[data-search]", part).every((row) => row.hidden);
  });
  tell("found", wanted === "" ? "" : found + (found === 1 ? " entry found" : " entries found"));
});
