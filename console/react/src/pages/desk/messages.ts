// What an operator writes to a caller: how many SMS it takes, and which message is another attempt at the one before. Pure.
import type { Schemas } from "../../api/client";

export type Choices = Schemas["MessageChoices"];
export type Channel = "sms" | "email";

/** subject: of an e-mail. */
export interface Draft {
  channel: Channel;
  to: string;
  subject: string;
  text: string;
}

/** parts: SMS, 0 for nothing. odd: the first character for which none of them is in the short alphabet; '' where all are. */
export interface SmsLength {
  parts: number;
  odd: string;
}

// 3GPP TS 23.038: the default alphabet, 7 bits a character, and what takes two of them.
const SHORT = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const TWICE = new Set("\f^{}\\[~]|€");
// Several parts carry a header each, and no character is cut in two.
const SHORT_ROOM = { one: 160, part: 153 };
const LONG_ROOM = { one: 70, part: 67 };

export function smsLength(text: string): SmsLength {
  const signs = [...text];
  const odd = signs.find((sign) => !SHORT.has(sign) && !TWICE.has(sign)) ?? "";
  const room = odd ? LONG_ROOM : SHORT_ROOM;
  const widths = signs.map((sign) => (odd ? sign.length : TWICE.has(sign) ? 2 : 1));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  if (whole <= room.one) return { parts: whole > 0 ? 1 : 0, odd };
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > room.part) {
      parts++;
      used = 0;
    }
    used += width;
  }
  return { parts, odd };
}

/** A message and its id: the same id as before for another attempt at the same, which then leaves once. */
export function attempt(draft: Draft, before: (Draft & { id: string }) | null, fresh: () => string): Draft & { id: string } {
  const same = before !== null && (["channel", "to", "subject", "text"] as const).every((part) => before[part] === draft[part]);
  return { ...draft, id: same ? before.id : fresh() };
}

/** Not crypto.randomUUID, which pages over http do not have. */
export function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What of an article can be sent: its address as the flowbook would send it, else what is said of it. */
export function textOf(article: Pick<Schemas["SuggestedArticle"], "title" | "spoken" | "more" | "link">, linkText: string): string {
  if (article.link) return (linkText || "{title}: {link}").replaceAll("{title}", () => article.title).replaceAll("{link}", () => article.link);
  return [article.spoken, article.more].filter(Boolean).join("\n").replace(/<\/?[a-z][^<>]*>/gi, " ").replace(/ {2,}/g, " ").trim();
}

/** A message that the history tells of. why: it did not leave. */
export interface Told {
  seq: number;
  channel: string;
  to: string;
  text: string;
  state: "asked" | "sent" | "failed";
  why: string;
}

/** The messages of a call, the bot's and people's; each once, as it was last told. */
export function messagesOf(events: readonly Pick<Schemas["EventView"], "seq" | "type" | "payload">[]): Told[] {
  const found = new Map<string, Told>();
  for (const { seq, type, payload } of events) {
    const state = type === "message.asked" ? "asked" : type === "message.sent" ? "sent" : type === "message.failed" ? "failed" : null;
    const { id, channel, to, text, error } = payload as Record<string, unknown>;
    if (state === null || typeof to !== "string") continue; // of those whose words were taken out there is nothing to show
    const key = typeof id === "string" ? id : `${seq}`;
    found.set(key, { seq: found.get(key)?.seq ?? seq, channel: String(channel), to, text: String(text), state, why: typeof error === "string" ? error : "" });
  }
  return [...found.values()];
}
