/** "40 s", "3 min", "2 h" for the languages that write the symbols of the SI; rounded as in English. */
export function inSymbols(ms: number): string {
  if (ms < 90_000) return `${Math.max(Math.round(ms / 1000), 1)}\u00a0s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)}\u00a0min` : `${Math.round(ms / 3_600_000)}\u00a0h`;
}
