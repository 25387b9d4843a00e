import packageJson from "../../package.json" with { type: "json" };

const [, ...words] = packageJson.scripts.start.split(" ");

/** What `npm start` gives Node: memory and speed depend on it. */
export const START_OPTIONS: string[] = words.filter((word) => word.startsWith("--"));
