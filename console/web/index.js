import { notice } from "./element.js";
import { openPage } from "./page.js";

try {
  await openPage();
} catch (error) {
  notice(document.querySelector("#trouble"), "bad", error.words ?? String(error));
}
