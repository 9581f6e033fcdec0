import type { Schemas } from "../../api/client";

export type Endpoint = Schemas["EndpointView"];
export type Delivery = Schemas["DeliveryView"];

export const ENDPOINTS = ["webhooks"];
export const GIVEN_UP = ["webhooks", "dead"];

/** What most receivers want to know, and what else there is to choose from (docs/webhooks.md). */
export const USUAL_TYPES = ["call.started", "call.ended", "handoff.queued", "operator.joined", "callback.requested", "callback.done", "event.received"];
export const KNOWN_TYPES = ["*", "call.*", "callback.*", "operator.*", ...USUAL_TYPES];

/** An address as short as it is still told apart: without its scheme, the middle of a long path left out. */
export function shortened(url: string, longest = 60): string {
  const bare = url.replace(/^https?:\/\//, "");
  return bare.length <= longest ? bare : `${bare.slice(0, longest - 13)}…${bare.slice(-12)}`;
}
