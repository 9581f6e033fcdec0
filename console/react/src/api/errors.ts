import type { Words } from "../words";

/** What is wrong with one field of what was sent; '' for something else. */
export interface FieldProblem {
  field?: string;
  message: string;
}

/** An answer that is an error. code: for `saidOf`; message: the server's own words, in English. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterS = 0,
    readonly problems: readonly FieldProblem[] = [],
  ) {
    super(message);
  }
}

interface Detail {
  code?: string;
  message?: string;
  retry_after_s?: number;
  problems?: FieldProblem[];
}

/** The error that the answer of a failed request tells. */
export async function fromAnswer(response: Response): Promise<ApiError> {
  let detail: unknown;
  try {
    detail = ((await response.json()) as { detail?: unknown }).detail;
  } catch {
    detail = undefined; // a proxy's page, say: the status is all there is to tell
  }
  if (Array.isArray(detail)) {
    const first = detail[0] as { loc?: unknown[]; msg?: string } | undefined;
    return new ApiError(response.status, "malformed", `${(first?.loc ?? []).join(".")}: ${first?.msg ?? ""}`);
  }
  const { code, message, retry_after_s, problems } = (detail ?? {}) as Detail;
  const unnamed = response.status >= 502 ? "server_away" : String(response.status);
  return new ApiError(response.status, code ?? unnamed, message ?? "", retry_after_s ?? 0, problems ?? []);
}

export function serverAway(error: unknown): ApiError {
  return new ApiError(0, "server_away", String(error));
}

/** An error in the reader's words, with what to do. The server's own words follow where ours know no better. */
export function saidOf(error: unknown, words: Words): string {
  if (!(error instanceof ApiError)) return words.errors.broken(String(error));
  const known = (words.errors.codes as Record<string, string | ((wait: string) => string)>)[error.code];
  if (typeof known === "function") return known(words.format.wait(error.retryAfterS));
  return known ?? words.errors.unknown(error.code, error.message);
}

/** Another try may help only where the server was away. */
export function worthRetrying(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

/** Leaves for the sign-in page, which leads back to this one, once the session is over. */
export function leaveWhenSignedOut(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) goSignIn();
}

export function goSignIn(): void {
  location.assign(`/signin?next=${encodeURIComponent(location.pathname)}`);
}
