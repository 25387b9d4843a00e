import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { GUID } from "./core/ids.ts";

/** Everything that is wrong with the environment, in one message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Opwatch can't start with this configuration:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const GUID_EXAMPLE = "00001111-aaaa-2222-bbbb-3333cccc4444";

/** Reads variables one by one and collects what is wrong with them. */
export class Reader {
  readonly problems: string[] = [];
  readonly #unfilled = new Set<string>();
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Null when it is not set; blank counts as not set, as Teams Toolkit leaves variables blank. */
  text(name: string): string | null {
    const value = this.#env[name]?.trim() ?? "";
    if (/^\$\{\{.*\}\}$/u.test(value)) {
      this.wrong(
        name,
        `is still the placeholder ${value}, which Teams Toolkit has not filled`,
        `${name}=<value>`,
      );
      this.#unfilled.add(name);
      return null;
    }
    if (/^[<‹].*[>›]$/u.test(value)) {
      this.wrong(name, "is still the placeholder of its example", `${name}=<value>, without the brackets`);
      this.#unfilled.add(name);
      return null;
    }
    return value === "" ? null : value;
  }

  flag(name: string): boolean {
    const value = this.text(name);
    if (value !== null && value !== "1") this.wrong(name, `is "${value}"`, `${name}=1, or leave it out`);
    return value === "1";
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], byDefault: Choice): Choice {
    const value = this.text(name);
    if (value === null) return byDefault;
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    if (found === undefined) {
      this.wrong(name, `is "${value}", which is none of ${choices.join(", ")}`, `${name}=${byDefault}`);
    }
    return found ?? byDefault;
  }

  number(
    name: string,
    byDefault: number,
    bounds: { readonly min: number; readonly max: number; readonly isWhole?: boolean },
  ): number {
    const value = this.text(name);
    if (value === null) return byDefault;
    const { min, max, isWhole = false } = bounds;
    const number = /^\d+(?:\.\d+)?$/u.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max) || (isWhole && !Number.isInteger(number))) {
      const kind = isWhole ? "a whole number" : "a number";
      this.wrong(name, `is "${value}"; ${kind} from ${min} to ${max} is needed`, `${name}=${byDefault}`);
      return byDefault;
    }
    return number;
  }

  guid(name: string, why: string): string {
    const value = this.text(name);
    if (value === null) this.wrong(name, `is missing: ${why}`, `${name}=${GUID_EXAMPLE}`);
    else if (!GUID.test(value))
      // Not repeated: it may be a secret that was put in the wrong place.
      this.wrong(name, "is no GUID", `${name}=${GUID_EXAMPLE}`);
    return value ?? "";
  }

  /** A file with a certificate and its private key. */
  file(name: string, path: string): string {
    if (!isReadable(path)) {
      const isPath = path.length <= 200 && !/-----|\n/u.test(path);
      this.wrong(
        name,
        isPath ? `is "${path}", which can't be read` : "is no path of a file",
        `${name}=/run/secrets/opwatch.pem`,
      );
    }
    return path;
  }

  /** The path of a PEM file with a certificate and its private key. */
  certificate(name: string, path: string): string {
    const found = this.problems.length;
    this.file(name, path);
    if (this.problems.length > found || this.#unfilled.has(name)) return path;
    const text = readFileSync(path, "utf8");
    const lacks = [
      ...(/-----BEGIN CERTIFICATE-----/u.test(text) ? [] : ["certificate"]),
      ...(/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/u.test(text) ? [] : ["private key"]),
    ];
    if (lacks.length > 0) {
      this.wrong(
        name,
        `is "${path}", which holds no ${lacks.join(" and no ")}: both belong into one PEM file`,
        `cat opwatch.crt opwatch.key > opwatch.pem, and ${name}=/run/secrets/opwatch.pem`,
      );
    }
    return path;
  }

  wrong(name: string, what: string, example: string): void {
    // That it is a placeholder says enough.
    if (this.#unfilled.has(name)) return;
    this.problems.push(`${name} ${what}. Example: ${example}`);
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}
