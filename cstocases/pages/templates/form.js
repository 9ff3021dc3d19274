// What is filled in stays in this page, in the browser's store where it has one, and in files. Nothing is sent.
"use strict";
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const at = (id) => document.getElementById(id);
const many = (n, one, more) => n + " " + (n === 1 ? one : more);
const sheet = at("main").dataset;
const KEY = ["cstocases", sheet.kind, sheet.case, sheet.coder].filter(Boolean).join("/");
const MOST = 5000000; // bytes of a file that is opened

const questions = new Map();
all("[data-token]").forEach((root) => {
  const { token, digest, name, type } = root.dataset;
  const group = root.closest("[data-group]");
  questions.set(token, { token, digest, name, type, root, group: group ? group.dataset.group : "", controls: [], clear: null, answered: false });
});
all("[data-part]").forEach((control) => questions.get(control.dataset.of).controls.push(control));
all("[data-clear]").forEach((button) => { questions.get(button.dataset.clear).clear = button; });
const about = all("[data-about]");

// Controls to texts and back. The parts of a question are all that stands in its controls, finished or not.
const ticked = (control) => control.type === "radio" || control.type === "checkbox";
function parts(q) {
  const found = {};
  q.controls.forEach((c) => {
    if (ticked(c) ? c.checked : c.value.trim()) found[c.dataset.part] = ticked(c) ? c.value : c.value.trim();
  });
  return found;
}
function put(control, value) {
  if (ticked(control)) control.checked = value === control.value;
  else control.value = value;
  if (control.selectedIndex === -1) control.selectedIndex = 0;
}
const fill = (q, given) => q.controls.forEach((c) => put(c, given[c.dataset.part] || ""));
function aboutYou() {
  const found = {};
  about.forEach((c) => { if (ticked(c) ? c.checked : c.value.trim()) found[c.dataset.about] = c.value.trim(); });
  return found;
}

// Dates as in the data: 2010, 2010-06, 2010-06-12.
function dateFault(year, month, day) {
  if (!year) return "the year is missing";
  if (!/^[1-9]\d{3}$/.test(year)) return "the year has four digits";
  if (!month) return day ? "the month is missing" : "";
  if (!/^\d{1,2}$/.test(month) || month < 1 || month > 12) return "there is no month " + month;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day && (!/^\d{1,2}$/.test(day) || day < 1 || day > last)) return "that month has no day " + day;
  return "";
}
const dated = (...given) => given.filter(Boolean).map((part) => part.padStart(2, "0")).join("-");

// The answer that the parts of a question make, and what is wrong with them; no answer where it is left open.
const READ = {
  coding(q, { choice = "", year = "", month = "", day = "", number = "", note = "" }) {
    let value = choice || number;
    let fault = number && !/^-?\d+$/.test(number) ? "this is no whole number" : "";
    if (year || month || day) {
      value = dated(year, month, day);
      fault = dateFault(year, month, day);
    } else if (!value && note) fault = "a note without an answer; choose one, or empty the note";
    return { fault, answer: value && { value, note, digest: q.digest } };
  },
  checks(q, { verdict = "", reason = "", opened = "" }) {
    let fault = verdict && verdict !== "agree" && !reason ? "say why" : "";
    if (!verdict && (reason || opened)) fault = "choose a verdict, or empty the reason and the box";
    return { fault, answer: verdict && { verdict, reason, opened: opened === "true", digest: q.digest } };
  },
  verdicts(q, { verdict = "", to = "", reason = "" }) {
    const lacking = [];
    if (verdict === "corrected" && !to) lacking.push("corrected to what");
    if (verdict && !reason) lacking.push("why");
    let fault = lacking.length ? "say " + lacking.join(", and ") : "";
    if (!verdict && (reason || to)) fault = "choose a verdict, or empty the rest";
    return { fault, answer: verdict && { verdict, to: verdict === "corrected" ? to : "", reason, digest: q.digest } };
  },
};
const read = (q) => READ[sheet.kind](q, parts(q));

// The parts of an answer in a file. What does not come out as it went in was not offered here.
function partsOf(q, given) {
  if (sheet.kind !== "coding") return { ...given, opened: String(given.opened === true) };
  const offered = q.controls.some((c) => (c.tagName === "SELECT" ? all("option", c).some((o) => o.value === given.value) : ticked(c) && c.value === given.value));
  if (offered) return { choice: given.value, note: given.note };
  if (q.type === "integer") return { number: given.value, note: given.note };
  const [year, month, day] = given.value.split("-");
  return { year, month, day, note: given.note };
}
function take(q, given) {
  const texts = Object.values(given).filter((value) => typeof value !== "boolean");
  if (given.digest === q.digest && texts.every((value) => typeof value === "string")) {
    if (sheet.kind !== "coding" || typeof given.value === "string") fill(q, partsOf(q, given));
    const { fault, answer } = read(q);
    const same = answer && !fault && ["value", "verdict", "to"].every((key) => (answer[key] || "") === (given[key] || ""));
    if (same) return true;
  }
  fill(q, {});
  return false;
}

// What is wrong is said at the question, and taken back once it is mended.
function showFault(id, fault, controls) {
  const place = at("p-" + id);
  place.textContent = fault;
  place.hidden = !fault;
  controls.forEach((c) => {
    if (ticked(c)) return;
    if (fault) c.setAttribute("aria-describedby", place.id);
    else c.removeAttribute("aria-describedby");
    c.toggleAttribute("aria-invalid", false);
    if (fault) c.setAttribute("aria-invalid", "true");
  });
}
const faulty = (q) => q.controls.filter((c) => ["year", "month", "day", "number", "reason", "to"].includes(c.dataset.part));
function refresh(q, thorough) {
  const { fault, answer } = read(q);
  const given = parts(q);
  q.answered = Boolean(answer) && !fault;
  q.root.classList.toggle("answered", q.answered);
  if (q.clear) q.clear.hidden = !(answer || given.opened || given.to);
  q.controls.forEach((c) => {
    if (c.dataset.part === "to") c.disabled = given.verdict !== "corrected";
    const folded = c.dataset.part === "note" && c.closest(".note");
    if (folded) folded.classList.toggle("written", all("textarea", folded).some((area) => area.value.trim()));
  });
  if (thorough || !fault || !at("p-" + q.token).hidden) showFault(q.token, fault, faulty(q));
  return fault;
}
function count() {
  const every = Array.from(questions.values());
  const done = (some) => some.filter((q) => q.answered).length;
  at("progress").textContent = done(every) + " of " + every.length + " answered";
  all("[data-count]").forEach((place) => {
    const group = every.filter((q) => q.group === place.dataset.count);
    place.textContent = done(group) + "/" + group.length;
  });
}

// The browser's store: only what was filled in, question by question, so that two tabs do not undo each other.
let saved = true;
function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return found && typeof found === "object" && found.answers ? found : null;
  } catch (error) {
    return null;
  }
}
function keep(changed) {
  const found = stored() || { answers: {} };
  changed.forEach((q) => {
    const given = parts(q);
    if (Object.keys(given).length) found.answers[q.token] = { digest: q.digest, parts: given };
    else delete found.answers[q.token];
  });
  try {
    localStorage.setItem(KEY, JSON.stringify({ about: aboutYou(), answers: found.answers, saved }));
  } catch (error) {
    at("kept").textContent = "This browser keeps nothing for this page: save to a file before you close it.";
  }
}
function restore() {
  const found = stored();
  let left = 0;
  about.forEach((c) => put(c, ((found || {}).about || {})[c.dataset.about] || ""));
  questions.forEach((q) => {
    const given = found && found.answers[q.token];
    const fits = given && given.digest === q.digest;
    left += given && !fits ? 1 : 0;
    const wanted = fits ? given.parts : {};
    if (JSON.stringify(wanted) !== JSON.stringify(parts(q))) fill(q, wanted);
    refresh(q, true);
  });
  saved = found ? Boolean(found.saved) : true;
  count();
  if (left) say(many(left, "answer that this browser kept is", "answers that this browser kept are") + " left open, because the question has changed since.");
}

// Messages.
function say(text, faults = []) {
  const list = all("ul", at("message"))[0];
  all("p", at("message"))[0].textContent = text;
  list.replaceChildren(...faults.map(({ id, name, fault }) => {
    const link = document.createElement("a");
    link.href = "#q-" + id;
    link.textContent = name + ": " + fault;
    link.addEventListener("click", (event) => { event.preventDefault(); show(id); });
    const item = document.createElement("li");
    item.dataset.fault = id;
    item.append(link);
    return item;
  }));
  at("message").hidden = false;
  if (faults.length) at("message").focus();
}
// The list says what is still wrong: what is mended leaves it, and the last takes the message with it.
function relist(id, name, fault) {
  all("[data-fault]", at("message")).filter((item) => item.dataset.fault === id).forEach((item) => {
    if (fault) item.firstChild.textContent = name + ": " + fault;
    else item.remove();
    const left = all("[data-fault]", at("message")).length;
    all("p", at("message"))[0].textContent = notSaved(left);
    at("message").hidden = !left;
  });
}
function show(id) {
  at("message").hidden = true;
  const root = at("q-" + id);
  for (let up = root; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  root.scrollIntoView({ block: "center" });
  const controls = questions.has(id) ? questions.get(id).controls : all("input", root);
  (controls.find((c) => c.getAttribute("aria-invalid") === "true" && !c.disabled) || controls[0]).focus();
}

// Saving and opening.
function faults() {
  const found = [];
  const you = aboutYou();
  const check = (id, name, fault) => {
    if (!at("q-" + id)) return;
    showFault(id, fault, about.filter((c) => c.dataset.about === id));
    if (fault) found.push({ id, name, fault });
  };
  check("saw_values", "Had you seen published values", you.saw_values ? "" : "say whether you had");
  check("coder", "Your id", /^[a-z0-9]+(-[a-z0-9]+)*$/.test(you.coder || "") ? "" : "small letters and digits are needed, such as anna or anna-2");
  questions.forEach((q) => {
    const fault = refresh(q, true);
    if (fault) found.push({ id: q.token, name: q.name, fault });
  });
  return found;
}
function today() {
  const now = new Date();
  return dated(String(now.getFullYear()), String(now.getMonth() + 1), String(now.getDate()));
}
function returned() {
  const you = aboutYou();
  const out = { cstocases: sheet.kind, version: sheet.version, coder: sheet.coder || you.coder };
  if (sheet.case) out.case = sheet.case;
  if (sheet.evidenceDigest) out.evidence_digest = sheet.evidenceDigest;
  out.day = today();
  out.shown_as = you.shown_as || "";
  if (sheet.kind === "coding") out.saw_values = you.saw_values;
  out.answers = {};
  questions.forEach((q) => {
    const { answer } = read(q);
    if (answer) out.answers[q.token] = answer;
  });
  return out;
}
const notSaved = (n) => "Not saved: " + many(n, "thing", "things") + " to mend first.";
function save() {
  const found = faults();
  if (found.length) {
    say(notSaved(found.length), found);
    return;
  }
  const out = returned();
  const link = document.createElement("a");
  const url = URL.createObjectURL(new Blob([JSON.stringify(out, null, 2) + "\n"], { type: "application/json" }));
  link.href = url;
  link.download = [out.coder, out.case, out.cstocases].filter(Boolean).join("-") + ".json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  saved = true;
  keep([]);
  say(many(Object.keys(out.answers).length, "answer", "answers") + " saved to " + link.download + ", where your browser puts downloads.");
}
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
function foreign(given) {
  const coder = sheet.coder || aboutYou().coder;
  if (!isObject(given) || !isObject(given.answers) || typeof given.cstocases !== "string") return "it was not saved from a sheet of cstocases";
  if (given.cstocases !== sheet.kind) return "it is of kind " + given.cstocases + ", this sheet is of kind " + sheet.kind;
  if (coder && given.coder !== coder) return "it is by " + given.coder + ", this sheet is for " + coder;
  if (sheet.case && given.case !== sheet.case) return "it is on the case " + given.case + ", this sheet is on " + sheet.case;
  return "";
}
async function openFile(file) {
  let given = null;
  try {
    given = file.size > MOST ? null : JSON.parse(await file.text());
  } catch (error) {
    given = null;
  }
  const wrong = foreign(given);
  if (wrong) return say(file.name + " was not opened: " + wrong + ".");
  if (unsaved() && !confirm("The file takes the place of answers on this page that are in no file. Open it?")) return undefined;
  let left = Object.keys(given.answers).filter((token) => !questions.has(token)).length;
  let taken = 0;
  about.forEach((c) => put(c, typeof given[c.dataset.about] === "string" ? given[c.dataset.about] : ""));
  questions.forEach((q) => {
    fill(q, {});
    if (Object.hasOwn(given.answers, q.token)) {
      if (isObject(given.answers[q.token]) && take(q, given.answers[q.token])) taken += 1;
      else left += 1;
    }
    refresh(q, true);
  });
  saved = left === 0;
  keep(questions);
  count();
  let text = many(taken, "answer", "answers") + " opened from " + file.name + ".";
  if (left) text += " " + many(left, "answer is", "answers are") + " left open: the question has changed, is no longer asked, or does not offer that value.";
  if (sheet.evidenceDigest && given.evidence_digest !== sheet.evidenceDigest) text += " The evidence has changed since: look through it again.";
  return say(text);
}
const unsaved = () => !saved && (Object.keys(aboutYou()).length > 0 || Array.from(questions.values()).some((q) => Object.keys(parts(q)).length));

// A value and a reason for having none exclude each other.
function exclude(q, changed) {
  const boxes = ["year", "month", "day", "number"];
  if (sheet.kind !== "coding" || !changed.value) return;
  if (boxes.includes(changed.dataset.part)) q.controls.filter((c) => c.dataset.part === "choice").forEach((c) => put(c, ""));
  if (changed.dataset.part === "choice") q.controls.filter((c) => boxes.includes(c.dataset.part)).forEach((c) => put(c, ""));
}
function changed(control, thorough) {
  const q = questions.get(control.dataset.of);
  if (!q && !control.dataset.about) return;
  saved = false;
  if (q) {
    exclude(q, control);
    relist(q.token, q.name, refresh(q, thorough));
    count();
  } else {
    if (at("p-" + control.dataset.about)) showFault(control.dataset.about, "", [control]);
    relist(control.dataset.about, "", "");
  }
  keep(q ? [q] : []);
}
document.addEventListener("input", (event) => changed(event.target, false));
document.addEventListener("change", (event) => {
  // A date is judged once its box is left, not while it is typed; a reason only when saving.
  if (["year", "month", "day", "number"].includes(event.target.dataset.part)) refresh(questions.get(event.target.dataset.of), true);
});
document.addEventListener("click", (event) => {
  const token = event.target.dataset && event.target.dataset.clear;
  if (!token) return;
  const q = questions.get(token);
  // Texts are left: they may have cost an hour.
  q.controls.filter((c) => c.tagName !== "TEXTAREA").forEach((c) => put(c, ""));
  q.controls[0].focus();
  changed(q.controls[0], false);
});
all("[data-rest]").forEach((button) => button.addEventListener("click", () => {
  all("tbody tr:not(.more)", at(button.dataset.rest)).forEach((row) => {
    const asked = all("[data-token]", row).map((root) => questions.get(root.dataset.token));
    if (asked.some((q) => Object.keys(parts(q)).length)) return;
    const [first] = asked[0].controls;
    put(first, "no");
    changed(first, false);
  });
}));
document.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") at("message").hidden = true;
  if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    save();
  }
});
at("save").addEventListener("click", save);
at("open").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", async () => {
  const [file] = at("file").files;
  if (file) await openFile(file);
  at("file").value = "";
});
at("close").addEventListener("click", () => { at("message").hidden = true; at("save").focus(); });
at("forget").addEventListener("click", () => {
  if (!confirm("Empty this page, and what this browser keeps of it?")) return;
  try { localStorage.removeItem(KEY); } catch (error) { /* nothing was kept */ }
  questions.forEach((q) => { fill(q, {}); refresh(q, true); });
  about.forEach((c) => put(c, ""));
  saved = true;
  count();
  say("This page is empty, and this browser keeps nothing of it.");
});
const brief = at("brief");
if (brief) brief.addEventListener("click", () => { brief.setAttribute("aria-pressed", String(document.body.classList.toggle("brief"))); });
window.addEventListener("storage", (event) => { if (event.key === KEY) restore(); });
window.addEventListener("beforeunload", (event) => {
  if (!unsaved()) return;
  event.preventDefault();
  event.returnValue = true; // what older browsers want
});
restore();
