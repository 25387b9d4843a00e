export function setup(): void {
  /* replaced */
}
