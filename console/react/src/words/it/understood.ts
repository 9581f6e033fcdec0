/** What is understood of a call or a message: topics, urgency, mood (history/analyses). */
export const understood = {
  topics: {
    orders: "ordini",
    delivery: "spedizione e consegna",
    returns: "resi e rimborsi",
    cancellation: "annullamento",
    payment: "pagamento",
    invoice: "fattura",
    opening_hours: "orari",
    location: "dove siamo",
    account: "account e accesso",
    product: "prodotti",
    appointment: "appuntamenti ed eventi",
    technical: "problemi tecnici",
    complaint: "reclami",
  } as Record<string, string>,
  no_topic: "senza argomento",
  other_topics: "altri argomenti",
  urgencies: { high: "alta", normal: "normale", low: "bassa" } as Record<string, string>,
  of_urgency: (urgency: string) => `urgenza ${urgency}`,
  moods: { angry: "arrabbiato", negative: "negativo", neutral: "neutro", positive: "positivo" } as Record<string, string>,
  of_mood: (mood: string) => `umore ${mood}`,
};
