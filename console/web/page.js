// What every page begins with: the bar on top, the language, who is signed in.
import { element } from "./element.js";
import { goSignIn, post, whoAmI } from "./http.js";
import { language, switchLanguage, t, translate } from "./language.js";

/** Fills the bar and puts the page into words. Returns who is signed in, or null; an ApiError when that is unknown. */
export async function openPage() {
  translate(document);
  document.title = `${t(document.body.dataset.title)} · Centralino`;
  let me = null;
  let trouble = null;
  try {
    me = await whoAmI();
  } catch (error) {
    trouble = error;
  }
  document.querySelector("#bar").replaceChildren(
    element("a", { class: "skip", href: "#main" }, t("nav.skip")),
    element("div", {}, brand(), navigation(me), languageButton(), person(me)),
  );
  if (trouble) throw trouble;
  return me;
}

function brand() {
  return element("a", { class: "brand", href: "/" }, element("img", { src: "/web/icon.svg", alt: "", width: 28, height: 28 }), "Centralino");
}

function navigation(me) {
  const here = location.pathname;
  const link = (path, key) => element("a", { href: path, "aria-current": here === path ? "page" : null }, t(key));
  const links = me ? [link("/console/desk", "nav.desk"), link("/console/history", "nav.calls"), link("/call", "nav.try"), link("/console", "nav.console")] : [link("/call", "nav.try")];
  return element("nav", { "aria-label": t("nav.main") }, links);
}

function languageButton() {
  const other = language === "it" ? "en" : "it";
  return element("button", { class: "slim plain", lang: other, "aria-label": t("nav.language_label"), onclick: switchLanguage }, t("nav.language"));
}

function person(me) {
  if (!me) return location.pathname === "/signin" ? null : element("a", { class: "button slim", href: "/signin" }, t("nav.sign_in"));
  const leave = async () => {
    try {
      await post("/api/sign-out");
    } catch (error) {
      if (error.status !== 401) throw error;
    }
    location.assign("/signin");
  };
  return element("span", { class: "row" }, element("span", { class: "small", id: "who" }, me.display_name), element("button", { class: "slim", onclick: leave }, t("nav.sign_out")));
}

/** What a request's failure means for a page: back to the sign-in, or words in the notice `show` fills. */
export function explain(error, show) {
  if (error.status === 401) goSignIn();
  else if (error.words) show(error.words);
  else throw error;
}
