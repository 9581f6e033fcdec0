const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  plus: "M12 5v14M5 12h14",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 13.8a6.5 6.5 0 0 1 3.5 6.2",
  chart: "M4 20V4M4 20h16M8 16v-4M12.5 16V8M17 16v-6",
  wall: "M3 5h18v11H3zM8 20h8M12 16v4",
  person: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
  headset: "M4 14v-2a8 8 0 0 1 16 0v2M4 14a2 2 0 0 1 2-1h1v6H6a2 2 0 0 1-2-2v-3ZM20 14a2 2 0 0 0-2-1h-1v6h1a2 2 0 0 0 2-2v-3ZM17 19c0 1.5-1.5 2-4 2",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  phone: "M6.5 3.5 9 4l1 4-2 1.5a12 12 0 0 0 6.5 6.5L16 14l4 1 .5 2.5a3 3 0 0 1-3 3C10 20.5 3.5 14 3.5 6.500a3 3 0 0 1 3-3Z",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  flow: "M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 8v4.500l3 1.500",
  book: "M5 4.500h10.500a3.500 3.500 0 0 1 3.500 3.500v12H8a3 3 0 0 1-3-3v-12.500ZM5 17a3 3 0 0 1 3-3h11",
  microphone: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500v3M8.500 20.500h7",
  play: "M8 5.500v13l10-6.500-10-6.500Z",
  stop: "M7 7h10v10H7z",
  home: "M4 11 12 4l8 7M6 9.500V20h12V9.500",
  send: "M21 3 10 14M21 3l-7 18-4-7-7-4 18-7Z",
  settings: "M4 7h8M16 7h4M14 5v4M4 12h2M10 12h10M8 10v4M4 17h10M18 17h2M16 15v4",
  out: "M14 4h-8v16h8M10 12h10M17 9l3 3-3 3",
} as const;

export type IconName = keyof typeof PATHS;

/** A small picture beside words; screen readers pass over it. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={name === "more" ? 3 : 1.75} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
