import { CLOUD_NAMES, CLOUDS, type CloudName, type GraphPlace } from "../../src/core/clouds.ts";

/** The Graph of a cloud. */
export function graphOf(cloud: CloudName): GraphPlace {
  return { origin: CLOUDS[cloud].graphOrigin, cloud };
}

export const GLOBAL_GRAPH = graphOf("global");

/** A Graph by its root: a cloud's, or another in the place of the global one. */
export function graphAt(origin: string): GraphPlace {
  const cloud = CLOUD_NAMES.find((name) => CLOUDS[name].graphOrigin === origin) ?? "global";
  return { origin, cloud };
}
