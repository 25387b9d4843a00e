import { expect, test } from "vitest";

import { colorsOf, decodePng } from "./decode-png.ts";

// https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package#app-icons

test("the color icon is 192 by 192, with nothing transparent and nothing near its edge", () => {
  const { width, height, pixels } = decodePng("appPackage/color.png");
  expect([width, height]).toEqual([192, 192]);
  expect(pixels.every(({ alpha }) => alpha === 255)).toBe(true);
  const background = pixels[0]?.color;
  const symbol = pixels.flatMap(({ color }, at) =>
    color === background ? [] : [{ x: at % width, y: Math.floor(at / width) }],
  );
  expect(symbol.length).toBeGreaterThan(1_000);
  // Teams cuts a hexagon out of it for a bot.
  expect(symbol.filter(({ x, y }) => Math.min(x, y) < 48 || Math.max(x, y) >= 144)).toEqual([]);
});

test("the outline icon is 32 by 32, white on transparent, without a margin at its sides", () => {
  const { width, height, pixels } = decodePng("appPackage/outline.png");
  expect([width, height]).toEqual([32, 32]);
  expect(colorsOf(pixels)).toEqual(["ffffff"]);
  expect(colorsOf(decodePng("appPackage/color.png").pixels)).not.toEqual(["ffffff"]);
  expect(pixels[0]?.alpha).toBe(0);
  const columns = pixels.flatMap(({ alpha }, at) => (alpha > 0 ? at % width : []));
  expect([Math.min(...columns), Math.max(...columns)]).toEqual([0, 31]);
});
