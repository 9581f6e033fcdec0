/** How numbers, times and waits are written in a language; a dictionary's `format`. */
export function formatOf(language: "it" | "en") {
  const number = (value: number, digits = 0) =>
    value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return {
    /** The language itself, for what browsers put into words. */
    language,
    number,
    percent: (value: number) => value.toLocaleString(language, { style: "percent", maximumFractionDigits: 1 }),
    /** "0,84 s", "12 s", "3 min 05 s" */
    duration: (ms: number) => {
      const s = ms / 1000;
      if (s === 0) return "0 s";
      if (s < 10) return `${number(s, 2)} s`;
      const whole = Math.round(s);
      return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
    },
    /** "12 s", "4 min": how long to wait for another try. */
    wait: (seconds: number) => (seconds >= 90 ? `${Math.ceil(seconds / 60)} min` : `${Math.max(1, Math.ceil(seconds))} s`),
    dateTime: (iso: string) =>
      new Date(iso).toLocaleString(language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }),
    /** "2026-05-04" → "4 mag" */
    day: (day: string) => new Date(`${day}T12:00:00`).toLocaleDateString(language, { day: "numeric", month: "short" }),
  };
}
