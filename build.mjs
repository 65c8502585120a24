// Bundles the style sheet and the scripts into static/dist, and puts the font beside them; the fonts of paper go into
// static/fonts.

import { copyFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";

import { build } from "esbuild";

const root = fileURLToPath(new URL("./", import.meta.url));
const target = `${root}static/dist`;
const entries = {
  app: `${root}static/css/app.css`,
  "app-script": `${root}static/js/app.js`,
  "portal-script": `${root}static/js/portal.js`,
  "theme-script": `${root}static/js/theme.js`,
};
const font = { from: "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", name: "inter.woff2" };

// The fonts that core/paper.py draws with: Inter by alphabet, and Noto Sans for the scripts that Inter hasn't.
const paper = {
  target: `${root}static/fonts`,
  weights: [400, 600],
  sets: {
    inter: ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "vietnamese"],
    "noto-sans-arabic": ["arabic"],
    "noto-sans-bengali": ["bengali"],
    "noto-sans-devanagari": ["devanagari"],
    "noto-sans-gujarati": ["gujarati"],
    "noto-sans-gurmukhi": ["gurmukhi"],
    "noto-sans-kannada": ["kannada"],
    "noto-sans-malayalam": ["malayalam"],
    "noto-sans-tamil": ["tamil"],
    "noto-sans-telugu": ["telugu"],
  },
};

// The sheet's sources name the font where it will lie; the bundle lies beside it.
const besideTheBundle = {
  name: "beside-the-bundle",
  setup({ onResolve }) {
    onResolve({ filter: /\/inter\.woff2$/ }, () => ({ path: `./${font.name}`, external: true }));
  },
};

async function assertPresent(path) {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new Error(`There is no ${path.slice(root.length)} to build from.`);
}

// WOFF is TrueType with each table compressed: the same tables, laid out plainly.
function trueType(woff) {
  const count = woff.readUInt16BE(12);
  const directory = Buffer.alloc(12 + 16 * count);
  const power = Math.floor(Math.log2(count));
  woff.copy(directory, 0, 4, 8);
  [count, 16 << power, power, 16 * count - (16 << power)].forEach((value, at) => directory.writeUInt16BE(value, 4 + 2 * at));
  const tables = [];
  let offset = directory.length;
  for (let index = 0; index < count; index++) {
    const entry = woff.subarray(44 + 20 * index);
    const [from, packed, size] = [4, 8, 12].map((at) => entry.readUInt32BE(at));
    const content = woff.subarray(from, from + packed);
    const table = Buffer.alloc(Math.ceil(size / 4) * 4);
    (packed < size ? inflateSync(content) : content).copy(table);
    const at = 12 + 16 * index;
    entry.copy(directory, at, 0, 4);
    entry.copy(directory, at + 4, 16, 20);
    directory.writeUInt32BE(offset, at + 8);
    directory.writeUInt32BE(size, at + 12);
    tables.push(table);
    offset += table.length;
  }
  return Buffer.concat([directory, ...tables]);
}

async function unpackFonts() {
  const { resolve } = createRequire(import.meta.url);
  await rm(paper.target, { recursive: true, force: true });
  await mkdir(paper.target, { recursive: true });
  for (const [family, scripts] of Object.entries(paper.sets))
    for (const script of scripts)
      for (const weight of paper.weights) {
        const file = resolve(`@fontsource/${family}/files/${family}-${script}-${weight}-normal.woff`);
        await writeFile(`${paper.target}/${script}-${weight}.ttf`, trueType(await readFile(file)));
      }
}

async function bundle() {
  await Promise.all(Object.values(entries).map(assertPresent));
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await copyFile(createRequire(import.meta.url).resolve(font.from), `${target}/${font.name}`);
  await build({
    entryPoints: Object.entries(entries).map(([name, path]) => ({ in: path, out: name.replace("-script", "") })),
    outdir: target,
    bundle: true,
    minify: true,
    // Each script is a world of its own, whether a page loads it as a module or, to set the theme first, in its head.
    format: "iife",
    // The first versions that know every feature the sheet is written with (light-dark, nesting, layers).
    target: ["chrome123", "firefox120", "safari17.5"],
    legalComments: "none",
    logLevel: "warning",
    plugins: [besideTheBundle],
  });
}

try {
  await bundle();
  await unpackFonts();
} catch (error) {
  // What esbuild refuses, it has printed already, with the place.
  if (!error.errors) console.error(`Building the browser's files failed. ${error.message}`);
  process.exitCode = 1;
}
