// Load LiteRT.js in a page, a classic worker, or Node.

import { loadLiteRt } from '@litertjs/core';

let loaded;

// folder: URL of the folder with the wasm files of @litertjs/core, once for all translators; in Node it is not needed.
export function loadRuntime(folder) {
  loaded ??= globalThis.process?.versions?.node
    ? loadInNode()
    : loadInBrowser(new URL(folder ?? 'wasm/', location.href));
  loaded.catch(() => {
    loaded = undefined;
  }); // the next call tries again
  return loaded;
}

// LiteRT.js is told where its wasm is, which it expects beside the page.
function loadInBrowser(folder) {
  globalThis.Module = { locateFile: name => new URL(name, folder).href, print() {}, printErr() {} };
  return loadLiteRt(folder.href);
}

// LiteRT.js loads its wasm by a script element or importScripts, and knows no Node: give it what it asks for.
// The build without relaxed SIMD is taken, which Node 20 has only with --experimental-relaxed-simd.
async function loadInNode() {
  const [{ readFileSync }, { createRequire }, { dirname, join }, { runInThisContext }] = await Promise.all(
    ['fs', 'module', 'path', 'vm'].map(name => import(/* @vite-ignore */ `node:${name}`)),
  );
  const require = createRequire(import.meta.url);
  const wasm = join(dirname(require.resolve('@litertjs/core')), '..', 'wasm', 'litert_wasm_compat_internal');
  globalThis.self ??= globalThis;
  globalThis.importScripts = path => {
    Object.assign(globalThis, { require, __filename: path, __dirname: dirname(path) });
    runInThisContext(readFileSync(path, 'utf8'), path);
  };
  globalThis.Module = { wasmBinary: readFileSync(`${wasm}.wasm`), print() {}, printErr() {} };
  try {
    return await loadLiteRt(`${wasm}.js`);
  } finally {
    for (const name of ['importScripts', 'require', '__filename', '__dirname']) delete globalThis[name];
  }
}
