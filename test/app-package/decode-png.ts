import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

export type Pixel = {
  readonly color: string;
  readonly alpha: number;
};

export function colorsOf(pixels: readonly Pixel[]): readonly string[] {
  return [...new Set(pixels.filter(({ alpha }) => alpha > 0).map(({ color }) => color))];
}

/** Enough of https://www.w3.org/TR/png-3/ for our icons: 8 bits a channel, RGB or RGBA, not interlaced. */
export function decodePng(path: string): {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly Pixel[];
} {
  const png = readFileSync(new URL(`../../${path}`, import.meta.url));
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png.readUInt8(25) === 6 ? 4 : 3;
  if (png.readUInt8(24) !== 8 || png.readUInt8(28) !== 0) throw new Error(`Not such a PNG: ${path}`);
  const chunks: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") {
      chunks.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    }
  }
  const bytes = unfilter(inflateSync(Buffer.concat(chunks)), width * channels, channels);
  const pixels = Array.from({ length: width * height }, (_, index) => ({
    color: bytes.toString("hex", index * channels, index * channels + 3),
    alpha: channels === 4 ? bytes.readUInt8(index * channels + 3) : 255,
  }));
  return { width, height, pixels };
}

function unfilter(filtered: Buffer, rowLength: number, channels: number): Buffer {
  const rows = filtered.length / (rowLength + 1);
  const out = Buffer.alloc(rows * rowLength);
  for (let row = 0; row < rows; row++) {
    const filter = filtered.readUInt8(row * (rowLength + 1));
    for (let x = 0; x < rowLength; x++) {
      const at = row * rowLength + x;
      const left = x < channels ? 0 : (out[at - channels] ?? 0);
      const up = row === 0 ? 0 : (out[at - rowLength] ?? 0);
      const upLeft = row === 0 || x < channels ? 0 : (out[at - rowLength - channels] ?? 0);
      const predicted = [0, left, up, Math.floor((left + up) / 2), paeth(left, up, upLeft)][filter] ?? 0;
      out[at] = ((filtered[row * (rowLength + 1) + 1 + x] ?? 0) + predicted) % 256;
    }
  }
  return out;
}

function paeth(left: number, up: number, upLeft: number): number {
  const guess = left + up - upLeft;
  const nearest = Math.min(Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft));
  if (Math.abs(guess - left) === nearest) return left;
  return Math.abs(guess - up) === nearest ? up : upLeft;
}
