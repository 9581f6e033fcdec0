/*
 * The page's policy says `require-trusted-types-for 'script'`: no string becomes markup or script. The components write
 * the text of style elements through `innerHTML`, so the one policy there is lets text through that holds no markup.
 */

/** The text itself; an error for anything that could be markup. */
export function withoutMarkup(text: string): string {
  if (text.includes("<")) throw new TypeError("markup from a string is refused; build elements instead");
  return text;
}

/** The address itself when it is a file of this build (a worker's script); an error otherwise. */
export function ownScript(address: string, origin: string): string {
  const url = new URL(address, origin);
  if (url.origin !== origin || !url.pathname.startsWith("/console/assets/")) {
    throw new TypeError(`the script ${url.href} is none of this build`);
  }
  return address;
}

interface Policies {
  createPolicy(name: string, rules: { createHTML(text: string): string; createScriptURL(address: string): string }): unknown;
}

/** Browsers without Trusted Types have nothing to be told. */
export function installPolicy(): void {
  const { trustedTypes } = window as unknown as { trustedTypes?: Policies };
  trustedTypes?.createPolicy("default", {
    createHTML: withoutMarkup,
    createScriptURL: (address) => ownScript(address, location.origin),
  });
}
