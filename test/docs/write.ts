import { writeFileSync } from "node:fs";
import { PAGE, renewed } from "./operations-page.ts";

/** `npm run docs`: writes the generated parts of docs/operations.md anew. */
writeFileSync(PAGE, renewed());
