const LONGEST = 500; // console/api/suggesting.py
const FEWEST_LETTERS = 3;

/** What articles are looked for: what the operator typed, else what the caller last said; '' for nothing. */
export function asked(typed: string, said: string): string {
  const wanted = (typed.trim() || said.trim()).slice(-LONGEST);
  return wanted.length >= FEWEST_LETTERS ? wanted : "";
}
