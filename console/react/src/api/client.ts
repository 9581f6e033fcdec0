import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, fromAnswer, serverAway } from "./errors";
import type { components, paths } from "./schema";

/** The shapes of the API's answers and bodies: `Schemas["AccountView"]`. */
export type Schemas = components["schemas"];

let csrfToken = "";

/** From /api/me; every request that changes something carries it. */
export function carryToken(token: string): void {
  csrfToken = token;
}

const ours: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept", "application/json");
    if (request.method !== "GET" && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await fromAnswer(response);
  },
  onError({ error }) {
    return error instanceof ApiError ? error : serverAway(error);
  },
};

/** The whole API, typed from our OpenAPI document: `data(api.GET("/api/accounts"))`. Failures are thrown as ApiError. */
export const api = createClient<paths>({ credentials: "same-origin" });
api.use(ours);

/** What was asked for. */
export async function data<T>(asked: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  return (await asked).data as T;
}
