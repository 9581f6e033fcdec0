import type { Words } from "../it";

export const frame: Words["frame"] = {
  skip: "Skip to the content",
  menu: "Open or close the menu",
  pages: "Pages",
  loading: "Loading…",
  other_language: "Passa all'italiano",
  dark: "Switch to dark colours",
  light: "Switch to light colours",
  person: (name) => `${name}: account and sign-out`,
  sign_out: "Sign out",
  call: "Try a call",
  other_tab: " (opens in another tab)",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  unsaved: "There are unsaved changes: abandon them?",
  copy: "Copy",
  copied: "Copied",
};
