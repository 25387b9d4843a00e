/**
 * A text from outside, fit to be kept: no longer than `max`, without the NUL that PostgreSQL does
 * not take, and without half a character that a cut has left.
 */
export function cleanText(text: string, max: number): string {
  return text.replaceAll("\u0000", "").slice(0, max).toWellFormed();
}
