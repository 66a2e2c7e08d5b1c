// PNG pictures of few colours: read what Chromium and pdftoppm write (8 bits, not interlaced), crop, and write a palette of the
// colours that are there most.
import { readFileSync, writeFileSync } from "node:fs";
import { crc32, deflateSync, inflateSync } from "node:zlib";

/** Width, height and RGB bytes of a file. */
export function read(file) {
  const bytes = readFileSync(file);
  const parts = [];
  let head = null;
  for (let at = 8; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const kind = bytes.toString("latin1", at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (kind === "IHDR") head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], colour: body[9], interlaced: body[12] };
    if (kind === "IDAT") parts.push(body);
    at += size + 12;
  }
  const samples = { 2: 3, 6: 4 }[head.colour];
  if (!samples || head.depth !== 8 || head.interlaced) throw new Error(`${file}: not 8-bit RGB`);
  const raw = inflateSync(Buffer.concat(parts));
  const wide = head.width * samples;
  const lines = Buffer.alloc(wide * head.height);
  for (let y = 0; y < head.height; y += 1) {
    const filter = raw[y * (wide + 1)];
    for (let x = 0; x < wide; x += 1) {
      const here = y * wide + x;
      const left = x >= samples ? lines[here - samples] : 0;
      const up = y ? lines[here - wide] : 0;
      const corner = x >= samples && y ? lines[here - wide - samples] : 0;
      let guess = [0, left, up, (left + up) >> 1][filter];
      if (filter === 4) {
        const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
        guess = a <= b && a <= c ? left : b <= c ? up : corner;
      }
      lines[here] = raw[y * (wide + 1) + 1 + x] + guess;
    }
  }
  const rgb = Buffer.alloc(head.width * head.height * 3);
  for (let pixel = 0; pixel < head.width * head.height; pixel += 1) lines.copy(rgb, pixel * 3, pixel * samples, pixel * samples + 3);
  return { width: head.width, height: head.height, rgb };
}

/** The upper left part. */
export function crop(picture, width, height) {
  const [w, h] = [Math.min(width, picture.width), Math.min(height, picture.height)];
  const rgb = Buffer.alloc(w * h * 3);
  for (let y = 0; y < h; y += 1) picture.rgb.copy(rgb, y * w * 3, y * picture.width * 3, (y * picture.width + w) * 3);
  return { width: w, height: h, rgb };
}

/** Writes at most so many colours (of 256); returns the size of the file. */
export function write(file, { width, height, rgb }, colours) {
  const boxes = new Map();
  for (let at = 0; at < rgb.length; at += 3) {
    const key = (rgb[at] >> 3 << 10) | (rgb[at + 1] >> 3 << 5) | rgb[at + 2] >> 3;
    const box = boxes.get(key);
    if (box) { box[0] += rgb[at]; box[1] += rgb[at + 1]; box[2] += rgb[at + 2]; box[3] += 1; }
    else boxes.set(key, [rgb[at], rgb[at + 1], rgb[at + 2], 1]);
  }
  // Strong colours count more than there are of them: they are what a legend tells apart.
  const weight = ([, [r, g, b, n]]) => n * (1 + 30 * (Math.max(r, g, b) - Math.min(r, g, b)) / (255 * n));
  const palette = [...boxes].sort((a, b) => weight(b) - weight(a) || a[0] - b[0]).slice(0, colours)
    .map(([, [r, g, b, n]]) => [Math.round(r / n), Math.round(g / n), Math.round(b / n)]);
  const nearest = new Map();
  for (const [key, [r, g, b, n]] of boxes) {
    let [best, least] = [0, Infinity];
    palette.forEach(([pr, pg, pb], index) => {
      const far = (r / n - pr) ** 2 + (g / n - pg) ** 2 + (b / n - pb) ** 2;
      if (far < least) [best, least] = [index, far];
    });
    nearest.set(key, best);
  }
  const narrow = palette.length <= 16;
  const wide = narrow ? Math.ceil(width / 2) : width;
  const raw = Buffer.alloc((wide + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 3;
      const index = nearest.get((rgb[at] >> 3 << 10) | (rgb[at + 1] >> 3 << 5) | rgb[at + 2] >> 3);
      const place = y * (wide + 1) + 1;
      if (narrow) raw[place + (x >> 1)] |= x % 2 ? index : index << 4; else raw[place + x] = index;
    }
  }
  const part = (kind, body) => {
    const named = Buffer.concat([Buffer.from(kind, "latin1"), body]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(body.length, 0);
    ends.writeUInt32BE(crc32(named), 4);
    return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = narrow ? 4 : 8;
  head[9] = 3;
  const bytes = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), part("IHDR", head),
    part("PLTE", Buffer.from(palette.flat())), part("IDAT", deflateSync(raw, { level: 9 })), part("IEND", Buffer.alloc(0))]);
  writeFileSync(file, bytes);
  return bytes.length;
}
