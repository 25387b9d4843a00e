import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { instructionsOf } from "./dockerfile.ts";
import {
  at,
  list,
  PATHS,
  PORT,
  read,
  readYaml,
  STOPS_WITHIN_SECONDS,
  texts,
  unknownVariables,
} from "./files.ts";

const FOLDER = "deploy/kubernetes";
const of = (file: string): unknown => readYaml(`${FOLDER}/${file}.yaml`);

const deployment = of("deployment");
const pod = at(deployment, "spec", "template", "spec");
const [container] = list(at(pod, "containers"));
const labels = texts(at(deployment, "spec", "template", "metadata", "labels"));

describe("the Deployment", () => {
  test("has two replicas, and replaces them without being one short", () => {
    expect(at(deployment, "spec", "replicas")).toBe(2);
    expect(at(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable")).toBe(0);
    expect(at(of("disruption-budget"), "spec", "minAvailable")).toBe(1);
  });

  test("asks for life where the process answers, and for readiness where the database does", () => {
    const path = (probe: string): unknown => at(container, probe, "httpGet", "path");
    expect(PATHS).toEqual(["/healthz", "/readyz", "/metrics"]);
    expect([path("startupProbe"), path("livenessProbe"), path("readinessProbe")]).toEqual([
      "/healthz",
      "/healthz",
      "/readyz",
    ]);
    const ports = list(at(container, "ports"));
    expect(ports).toEqual([{ name: "http", containerPort: PORT }]);
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
      expect(at(container, probe, "httpGet", "port")).toBe("http");
  });

  test("gives the bot time to end after nobody sends to it any more", () => {
    const [command, seconds] = list(at(container, "lifecycle", "preStop", "exec", "command"));
    expect(command).toBe("sleep");
    expect(Number(at(pod, "terminationGracePeriodSeconds"))).toBeGreaterThan(
      Number(seconds) + STOPS_WITHIN_SECONDS + 5,
    );
  });

  test("runs it as the image's user, who can write nothing", () => {
    const user = instructionsOf(read("Dockerfile")).find(({ name }) => name === "USER")?.rest;
    expect(
      `${String(at(pod, "securityContext", "runAsUser"))}:${String(at(pod, "securityContext", "runAsGroup"))}`,
    ).toBe(user);
    expect(at(pod, "securityContext", "runAsNonRoot")).toBe(true);
    expect(at(container, "securityContext")).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(at(pod, "volumes")).toBeUndefined();
  });

  test("gives it a configuration that it takes, with a database that replicas can share", () => {
    const variables = {
      ...texts(at(of("configuration"), "data")),
      ...texts(at(of("secret.example"), "stringData")),
      ...Object.fromEntries(
        list(at(container, "env")).map((entry) => [String(at(entry, "name")), String(at(entry, "value"))]),
      ),
    };
    // The doctor's alone: src/doctor/look.ts.
    expect(unknownVariables(Object.keys(variables))).toEqual(["BOT_DOMAIN"]);
    const [rule] = list(at(of("ingress"), "spec", "rules"));
    expect(variables["BOT_DOMAIN"]).toBe(at(rule, "host"));
    // As it is told to be left by nobody.
    expect(() => readConfig(variables)).toThrow("BOT_PASSWORD is still the placeholder of its example");
    const fill = (name: string): string => (variables[name] ?? "").replace(/<[^>]+>/u, "password");
    const filled = { BOT_PASSWORD: fill("BOT_PASSWORD"), DATABASE_URL: fill("DATABASE_URL") };
    const config = readConfig({ ...variables, ...filled });
    expect([config.bot.mode, config.database.home, config.port]).toEqual(["registered", "server", PORT]);
    const from = list(at(container, "envFrom"));
    expect([at(from[0], "configMapRef", "name"), at(from[1], "secretRef", "name")]).toEqual([
      at(of("configuration"), "metadata", "name"),
      at(of("secret.example"), "metadata", "name"),
    ]);
  });
});

describe("what is around it", () => {
  test("finds its pods", () => {
    const selectors = [
      at(deployment, "spec", "selector", "matchLabels"),
      at(of("service"), "spec", "selector"),
      at(of("disruption-budget"), "spec", "selector", "matchLabels"),
      at(list(at(pod, "topologySpreadConstraints"))[0], "labelSelector", "matchLabels"),
    ];
    expect(selectors).toEqual(selectors.map(() => labels));
  });

  test("leads from the internet's /api/ to them", () => {
    const [rule] = list(at(of("ingress"), "spec", "rules"));
    const [path, ...more] = list(at(rule, "http", "paths"));
    expect([at(path, "path"), at(path, "pathType"), more]).toEqual(["/api/", "Prefix", []]);
    expect(at(path, "backend", "service", "name")).toBe(at(of("service"), "metadata", "name"));
    const [port] = list(at(of("service"), "spec", "ports"));
    expect(at(path, "backend", "service", "port", "name")).toBe(at(port, "name"));
    expect(at(port, "targetPort")).toBe("http");
  });

  test("is applied together, but for the examples", () => {
    const files = readdirSync(new URL(`../../${FOLDER}`, import.meta.url)).filter(
      (file) => file !== "kustomization.yaml" && !file.endsWith(".example.yaml"),
    );
    expect(new Set(list(at(of("kustomization"), "resources")))).toEqual(new Set(files));
    for (const file of files.filter((name) => name !== "namespace.yaml"))
      expect(at(readYaml(`${FOLDER}/${file}`), "metadata", "namespace")).toBe(
        at(of("namespace"), "metadata", "name"),
      );
  });
});

describe("the pod for the administrator's commands", () => {
  const admin = of("admin-pod.example");
  const [own] = list(at(admin, "spec", "containers"));

  test("is the bot's: its image, its settings, its user, and what that may", () => {
    const [image] = list(at(of("kustomization"), "images"));
    expect(at(own, "image")).toBe(`${String(at(image, "newName"))}:${String(at(image, "newTag"))}`);
    expect(at(own, "envFrom")).toEqual(at(container, "envFrom"));
    expect(at(own, "securityContext")).toEqual(at(container, "securityContext"));
    expect(at(admin, "spec", "securityContext")).toEqual(
      expect.objectContaining(at(pod, "securityContext") ?? {}),
    );
    expect(at(admin, "metadata", "namespace")).toBe(at(deployment, "metadata", "namespace"));
  });

  test("gets no requests, and can write to one place", () => {
    expect(at(admin, "metadata", "labels")).toBeUndefined();
    expect(list(at(admin, "spec", "volumes"))).toEqual([{ name: "backup", emptyDir: {} }]);
    expect(list(at(own, "volumeMounts"))).toEqual([{ name: "backup", mountPath: "/backup" }]);
  });
});
