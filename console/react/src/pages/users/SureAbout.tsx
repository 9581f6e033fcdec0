import { useQueryClient } from "@tanstack/react-query";
import { api, data } from "../../api/client";
import { Sure } from "../../ui/Sure";
import { toast } from "../../ui/toasts";
import { useWords, type Words } from "../../words";
import { type Account, ACCOUNTS, type Link } from "./users";

export type Act = "new_link" | "disable" | "enable" | "without_phone";

interface Props {
  act: Act;
  account: Account;
  close: () => void;
  made: (link: Link) => void;
}

/** Asks before something that its owner would feel. */
export function SureAbout({ act, account, close, made }: Props) {
  const words = useWords();
  const queries = useQueryClient();
  const said = sayings(words.users, account.display_name)[act];
  const carryOut = async () => {
    const link = await run(act, account.name);
    await queries.invalidateQueries({ queryKey: ACCOUNTS });
    if (link) made(link);
    else toast(said.done);
  };
  return <Sure title={said.title} text={said.text} go={said.go} act={carryOut} close={close} harmful={act === "disable"} />;
}

/** The link, where one was made. */
async function run(act: Act, name: string): Promise<Link | null> {
  const params = { path: { name } };
  if (act === "new_link") return data(api.POST("/api/accounts/{name}/link", { params }));
  if (act === "disable") await data(api.POST("/api/accounts/{name}/disable", { params }));
  if (act === "enable") await data(api.POST("/api/accounts/{name}/enable", { params }));
  if (act === "without_phone") await data(api.POST("/api/accounts/{name}/without-phone", { params }));
  return null;
}

function sayings(w: Words["users"], name: string): Record<Act, { title: string; text: string; go: string; done: string }> {
  return {
    new_link: { title: w.new_link_title(name), text: w.new_link_text, go: w.new_link_go, done: "" },
    disable: { title: w.disable_title(name), text: w.disable_text, go: w.disable, done: w.disabled(name) },
    enable: { title: w.enable_title(name), text: w.enable_text, go: w.enable, done: w.enabled(name) },
    without_phone: { title: w.without_phone_title(name), text: w.without_phone_text, go: w.without_phone, done: w.phone_removed(name) },
  };
}
