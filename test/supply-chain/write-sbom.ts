import { writeFileSync } from "node:fs";
import { readLockfile, readManifest } from "./lockfile.ts";
import { sbomOf } from "./sbom.ts";

/** `npm run sbom`, `npm run sbom -- <file>`: writes down what runs in production. */
const [file = "opwatch.cdx.json"] = process.argv.slice(2);
writeFileSync(file, `${JSON.stringify(sbomOf(readManifest(), readLockfile()), null, 2)}\n`);
process.stdout.write(`Written: ${file}\n`);
