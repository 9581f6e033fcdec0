import type { Words } from "../it";

export const home: Words["home"] = {
  menu: "Home",
  title: (name) => `Hello ${name}`,
  lead: "From here you run the switchboard.",
  call_about: "Talk to the bot through this computer's microphone.",
  not_found: "There is no such page",
  not_found_text: "The address is wrong, or the page has moved. Choose from the menu.",
  back: "Go to the first page",
  refused: "This page is for others",
  refused_text: (roles) => `It needs one of these roles: ${roles}. Ask a user administrator for it.`,
};
