// Bundles the style sheet and the scripts into static/dist, and puts the font beside them.

import { copyFile, mkdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

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
} catch (error) {
  // What esbuild refuses, it has printed already, with the place.
  if (!error.errors) console.error(`Building the browser's files failed. ${error.message}`);
  process.exitCode = 1;
}
