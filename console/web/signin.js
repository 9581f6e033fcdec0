import { notice } from "./element.js";
import { post } from "./http.js";
import { openPage } from "./page.js";

const form = document.querySelector("#form");
const trouble = document.querySelector("#trouble");
const NEXT = new Set(["/operator", "/admin", "/call"]); // nowhere else: a link must not lead off this site

function goOn(me) {
  const wanted = new URLSearchParams(location.search).get("next");
  location.replace(NEXT.has(wanted) ? wanted : me.role === "admin" ? "/admin" : "/operator");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  notice(trouble, "bad", "");
  try {
    goOn(await post("/api/sign-in", { name: form.elements.name.value, password: form.elements.password.value }));
  } catch (error) {
    if (!error.words) throw error;
    notice(trouble, "bad", error.words);
    form.elements.password.select();
  } finally {
    button.disabled = false;
  }
});

try {
  const me = await openPage();
  if (me) goOn(me);
} catch (error) {
  notice(trouble, "bad", error.words ?? String(error));
}
