/** As the Toolkit reads them: `${{NAME}}`. */
const PLACEHOLDER = /\$\{\{\s*([a-zA-Z_]\w*)\s*\}\}/gu;

export type Variables = Readonly<Record<string, string | undefined>>;

export function placeholdersIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].flatMap(([, name]) => name ?? []))];
}

export function filled(text: string, variables: Variables): string {
  return text.replaceAll(PLACEHOLDER, (placeholder, name: string) => variables[name] ?? placeholder);
}
