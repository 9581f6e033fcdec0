export interface Colours {
  main: string;
  /** The second and the third of what stands side by side: apart from the first for who sees no red or no green, too. */
  second: string;
  third: string;
  text: string;
  line: string;
  ground: string;
  sunk: string;
  ink: string;
  /** What is readable on `main`. */
  onMain: string;
}

/** A tooltip of text, not HTML: names of queues, topics and articles are people's own words. */
export function tooltipOf({ ground, line, ink }: Colours) {
  return { renderMode: "richText", confine: true, backgroundColor: ground, borderColor: line, textStyle: { color: ink } };
}
