// The API: JSON in and out, the CSRF token added, errors with a code that the pages can put into words.
import { shortTime, t } from "./language.js";

export class ApiError extends Error {
  constructor(status, code, message, retryAfterS = 0) {
    super(message);
    Object.assign(this, { status, code, retryAfterS });
  }
  /** What to tell the reader. */
  get words() {
    const key = `error.${this.code}`;
    const wait = shortTime(this.retryAfterS);
    const said = t(key, { wait });
    return said === key ? t("error.unexpected", { code: this.code }) : said;
  }
}

let csrfToken = "";

async function ask(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin" });
  } catch (error) {
    throw new ApiError(0, "server_away", String(error));
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) {
    const detail = answer?.detail;
    throw new ApiError(response.status, detail?.code ?? (response.status >= 502 ? "server_away" : String(response.status)), detail?.message ?? "", detail?.retry_after_s);
  }
  return answer;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);

/** Who is signed in, or null. Needed once before any `post` that only a signed-in person may make. */
export async function whoAmI() {
  try {
    const me = await get("/api/me");
    csrfToken = me.csrf_token;
    return me;
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

/** Leaves for the sign-in page, which leads back here. */
export function goSignIn() {
  location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);
}

