import { setNonce } from "get-nonce";

/** What style elements of this page must carry (console/headers.py, `policy_of_the_app`). */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

// The components that keep the page behind a dialog from scrolling ask here.
setNonce(styleNonce);
