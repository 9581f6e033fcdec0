import { notice } from "./element.js";
import { ApiError, get, post } from "./http.js";
import { t } from "./language.js";
import { openPage } from "./page.js";

const form = document.querySelector("#form");
const trouble = document.querySelector("#trouble");
// Nowhere else: a link must not lead off this site. The server knows the same (console/api/oidc.py).
const NEXT = /^(\/call|\/console(\/[A-Za-z0-9_-]{1,64}){0,6})$/;
const asked = new URLSearchParams(location.search).get("next") ?? "";
const wanted = NEXT.test(asked) ? asked : "";

function goOn(me) {
  location.replace(wanted || me.first_page);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  notice(trouble, "bad", "");
  try {
    goOn(await post("/api/sign-in", { name: form.elements.name.value, password: form.elements.password.value, code: form.elements.code.value }));
  } catch (error) {
    if (!error.words) throw error;
    if (error.code === "code_wanted") {
      document.querySelector("#code").hidden = false;
      form.elements.code.focus();
      return;
    }
    notice(trouble, "bad", error.words);
    form.elements.password.select();
  } finally {
    button.disabled = false;
  }
});

async function offerOtherWays() {
  const ways = await get("/api/sign-in/ways");
  const button = document.querySelector("#elsewhere");
  button.hidden = !ways.oidc;
  button.textContent = t("signin.elsewhere", { title: ways.oidc });
  button.href = `/api/sign-in/oidc${wanted ? `?next=${encodeURIComponent(wanted)}` : ""}`;
}

try {
  const me = await openPage();
  if (me) goOn(me);
  const refused = new URLSearchParams(location.search).get("trouble");
  if (refused) notice(trouble, "bad", new ApiError(0, refused, "").words);
  await offerOtherWays();
} catch (error) {
  notice(trouble, "bad", error.words ?? String(error));
}
