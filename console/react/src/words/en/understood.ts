import type { Words } from "../it";

export const understood: Words["understood"] = {
  topics: {
    orders: "orders",
    delivery: "delivery",
    returns: "returns and refunds",
    cancellation: "cancellation",
    payment: "payment",
    invoice: "invoice",
    opening_hours: "opening hours",
    location: "where we are",
    account: "account and sign-in",
    product: "products",
    appointment: "appointments and events",
    technical: "technical trouble",
    complaint: "complaints",
  },
  no_topic: "no topic",
  other_topics: "other topics",
  urgencies: { high: "high", normal: "normal", low: "low" },
  of_urgency: (urgency) => `${urgency} urgency`,
  moods: { angry: "angry", negative: "negative", neutral: "neutral", positive: "positive" },
  of_mood: (mood) => `${mood} mood`,
};
