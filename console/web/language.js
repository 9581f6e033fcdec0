// The language of the pages: Italian unless the reader switched to English, remembered in this browser.
import it from "./words/it.js";
import en from "./words/en.js";

const ALL = { it, en };
const KEPT_AS = "centralino.language";

export const language = ALL[localStorage.getItem(KEPT_AS)] ? localStorage.getItem(KEPT_AS) : "it";
const words = ALL[language];

/** The words of `key` with `{name}` replaced from `values`. An unknown key is shown as it is. */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The words of the code `value` under `group`, or the code itself: servers may know more codes than pages do. */
export function named(group, value) {
  return words[`${group}.${value}`] ?? value;
}

/** Puts the words into the elements marked `data-t` (text) and `data-t-LABEL` (attributes) under `root`. */
export function translate(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
}

export function switchLanguage() {
  localStorage.setItem(KEPT_AS, language === "it" ? "en" : "it");
  location.reload();
}

/** "4 min", "12 s": for waiting times of the API. */
export function shortTime(seconds) {
  return seconds >= 90 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
}

/** "0:07", "12:31", "1:02:03" */
export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
