import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PARTS = { certificate: "CERTIFICATE", key: "PRIVATE KEY" } as const;

/** The path of a file that looks as a certificate's does, as far as the configuration looks at it. */
export function aCertificate(...parts: readonly (keyof typeof PARTS)[]): string {
  const directory = mkdtempSync(join(tmpdir(), "opwatch-certificate-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "opwatch.pem");
  const text = parts.map(
    (part) => `-----BEGIN ${PARTS[part]}-----\nbm9uZQ==\n-----END ${PARTS[part]}-----\n`,
  );
  writeFileSync(path, text.join(""));
  return path;
}
