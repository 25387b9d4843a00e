/** A message that a person wrote to the bot, read as a command. */
export type Command =
  | { readonly name: "track"; readonly rest: string }
  | { readonly name: "list" }
  | { readonly name: "status"; readonly rest: string }
  | { readonly name: "stop"; readonly rest: string }
  | { readonly name: "stopAll" }
  | { readonly name: "alias"; readonly rest: string }
  | { readonly name: "help" }
  | { readonly name: "unknown" }
  | { readonly name: "empty" }
  | { readonly name: "tooLong"; readonly length: number };

/** Teams takes messages of about 28 KB, or of 100 with their markup; what is longer did not come from there. */
export const MAX_COMMAND_LENGTH = 102_400;

export function parseCommand(text: string): Command {
  if (text.length > MAX_COMMAND_LENGTH) return { name: "tooLong", length: text.length };
  // \s takes in the no-break spaces that Teams puts behind a mention.
  const words = /^\s*(\S+)\s*(.*)$/su.exec(text.replaceAll("&nbsp;", " "));
  if (words === null) return { name: "empty" };
  const rest = (words[2] ?? "").trim();
  switch ((words[1] ?? "").toLowerCase()) {
    case "track":
      return { name: "track", rest };
    case "list":
      return rest === "" ? { name: "list" } : { name: "unknown" };
    case "status":
      return { name: "status", rest };
    case "stop":
      return rest.toLowerCase() === "all" ? { name: "stopAll" } : { name: "stop", rest };
    case "alias":
      return { name: "alias", rest };
    case "help":
      return { name: "help" };
    default:
      return { name: "unknown" };
  }
}
