// Builds into `console/built`, which the server carries and serves under /console (console/built_app.py).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const OUT = join(import.meta.dirname, "..", "built");

/** Beside each script and style sheet the same file with gzip, so that the server compresses nothing. */
function zipped() {
  return {
    name: "zipped",
    apply: "build",
    closeBundle() {
      const assets = join(OUT, "assets");
      for (const name of readdirSync(assets).filter((one) => /\.(js|css)$/.test(one))) {
        const body = gzipSync(readFileSync(join(assets, name)), { level: constants.Z_BEST_COMPRESSION });
        writeFileSync(join(assets, `${name}.gz`), body);
      }
    },
  };
}

export default defineConfig({
  base: "/console/",
  plugins: [react(), zipped()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: "manifest.json", // tests weigh pages by it
    chunkSizeWarningLimit: 600, // charts, which are loaded when the first one is shown
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
  },
});
