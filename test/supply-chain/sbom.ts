import { licenceOf } from "./licences.ts";
import { isOfProduction, type Locked, type Manifest } from "./lockfile.ts";

type Component = {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly scope: "required" | "optional";
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly object[];
};

/**
 * What runs in production, as CycloneDX: https://cyclonedx.org/docs/1.6/json/. The same lockfile gives
 * the same document: it has no date and no serial number, and nobody is asked for anything.
 */
export function sbomOf(manifest: Manifest, lockfile: readonly Locked[]): object {
  const production = lockfile.filter(isOfProduction);
  const byPath = new Map(production.map((locked) => [locked.path, locked]));
  const edges = new Map<string, Set<string>>();
  const components = new Map<string, Component>();
  for (const locked of production) {
    const ref = purlOf(locked);
    const known = components.get(ref);
    const component = componentOf(locked);
    // One that is optional in one place only is required.
    components.set(ref, known?.scope === "required" ? known : component);
    const targets = edges.get(ref) ?? new Set();
    for (const name of namesOf(locked)) {
      const target = resolve(byPath, locked.path, name);
      if (target !== null) targets.add(purlOf(target));
    }
    edges.set(ref, targets);
  }
  const root = purlOf(manifest);
  const direct = Object.keys(manifest.dependencies).flatMap((name) => resolve(byPath, "", name) ?? []);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      lifecycles: [{ phase: "pre-build" }],
      component: {
        type: "application",
        "bom-ref": root,
        name: manifest.name,
        version: manifest.version,
        description: manifest.description,
        purl: root,
        licenses: [licenceIn(manifest.license)],
      },
    },
    components: [...components.values()].toSorted((a, b) => compare(a.purl, b.purl)),
    dependencies: [
      { ref: root, dependsOn: direct.map(purlOf).toSorted(compare) },
      ...[...edges]
        .map(([ref, targets]) => ({ ref, dependsOn: [...targets].toSorted(compare) }))
        .toSorted((a, b) => compare(a.ref, b.ref)),
    ],
  };
}

/** https://github.com/package-url/purl-spec */
function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function componentOf(locked: Locked): Component {
  const { name, version, optional, integrity } = locked;
  const licence = licenceOf(locked);
  return {
    type: "library",
    "bom-ref": purlOf(locked),
    name,
    version,
    scope: optional ? "optional" : "required",
    purl: purlOf(locked),
    hashes: hashesIn(integrity ?? ""),
    licenses: licence === null ? [] : [licenceIn(licence)],
  };
}

function licenceIn(spdx: string): object {
  return spdx.includes(" ") ? { expression: spdx } : { license: { id: spdx } };
}

/** `sha512-<Base64>` → the same in hexadecimal. */
function hashesIn(integrity: string): Component["hashes"] {
  return integrity.split(" ").flatMap((hash) => {
    const [, bits, base64] = /^sha(\d+)-(.+)$/u.exec(hash) ?? [];
    if (bits === undefined || base64 === undefined) return [];
    return [{ alg: `SHA-${bits}`, content: Buffer.from(base64, "base64").toString("hex") }];
  });
}

function namesOf({ dependencies, optionalDependencies, peerDependencies }: Locked): readonly string[] {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** As Node looks for it: in the package's own node_modules, then in those above. */
function resolve(byPath: ReadonlyMap<string, Locked>, from: string, name: string): Locked | null {
  const above = from.lastIndexOf("/node_modules/");
  const found = byPath.get(`${from === "" ? "" : `${from}/`}node_modules/${name}`);
  if (found !== undefined) return found;
  if (from === "") return null;
  return resolve(byPath, above === -1 ? "" : from.slice(0, above), name);
}

/** Not by the machine's language. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
