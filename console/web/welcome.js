import { notice } from "./element.js";
import { post } from "./http.js";
import { t } from "./language.js";
import { openPage } from "./page.js";

const form = document.querySelector("#form");
const trouble = document.querySelector("#trouble");
const hello = document.querySelector("#hello");
const token = new URLSearchParams(location.search).get("token") ?? "";

function say(error) {
  if (!error.words) throw error;
  notice(trouble, "bad", error.words);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again } = form.elements;
  const differ = password.value !== again.value;
  again.setAttribute("aria-invalid", String(differ));
  notice(trouble, "bad", differ ? t("welcome.differ") : "");
  if (differ) return again.focus();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const me = await post("/api/welcome", { token, password: password.value });
    location.replace(me.first_page);
  } catch (error) {
    say(error);
    button.disabled = false;
  }
});

try {
  await openPage();
  const owner = await post("/api/welcome/check", { token });
  hello.textContent = t("welcome.hello", { name: owner.display_name, user: owner.name });
  document.querySelector("#rule").textContent = t("welcome.rule", { n: owner.shortest_password });
  form.elements.username.value = owner.name;
  form.elements.password.minLength = owner.shortest_password;
  document.querySelector("#fields").hidden = false;
  form.elements.password.focus();
} catch (error) {
  hello.textContent = "";
  say(error);
}
