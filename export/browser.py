"""Write a page that translates in the browser, without a server and offline: python export/browser.py --out FOLDER

A bundle is exported with 8-bit weights first, which takes minutes; a .tflite is taken as it is.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import tempfile

from kerasformer import pretrained
from kerasformer.errors import InputError, one_line_errors, require
from kerasformer.formats import Format, describe
from kerasformer.system.files import whole_folder, write_text
from kerasformer.system.quiet import quiet_loading

SOURCES = pathlib.Path(__file__).parent / "browser"
WASM = SOURCES / "node_modules" / "@litertjs" / "core" / "wasm"
BUILDS = ("litert_wasm_internal", "litert_wasm_compat_internal")  # with relaxed SIMD, and for browsers without
STATIC = ("index.html", "style.css", "icon.svg", "icon-192.png", "icon-512.png")
MANIFEST = {
    "name": "Translate on your device", "short_name": "Translate", "start_url": "./", "scope": "./", "id": "./",
    "display": "standalone", "background_color": "#f6f6f4", "theme_color": "#0b6e66",
    "icons": [{"src": f"icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
              for size in (192, 512)],
}  # fmt: skip


def install():
    """Install the npm packages of package-lock.json, if they are not there."""
    if WASM.exists():
        return
    if not shutil.which("npm"):
        raise InputError("the page is built by npm, which is not installed: install Node 20 or newer")
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(SOURCES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"npm could not install the packages of {SOURCES / 'package-lock.json'}: {done.stderr[-300:]}")


def bundle_scripts(out):
    """Write page.js, and worker.js as a classic script, which LiteRT.js needs."""
    esbuild = SOURCES / "node_modules" / ".bin" / "esbuild"
    for name, form in (("page", "esm"), ("worker", "iife")):
        command = [esbuild, SOURCES / "page" / f"{name}.js", "--bundle", "--minify", "--target=es2022"]
        command += [f"--format={form}", f"--outfile={out / name}.js", "--log-level=error", "--external:node:*"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise InputError(f"esbuild could not build {name}.js: {done.stderr[-300:]}")


def as_litert(path, folder, options):
    """The path of a model as a `.tflite`: itself, or its export in a folder."""
    if path.is_file():
        if asked := [name for name, value in options.items() if value != getattr(Format, name)]:
            raise InputError(f"--{asked[0].replace('_', '-')} is for bundles, and {path} is exported already")
        return path
    with quiet_loading():
        from kerasformer.bundle import load_bundle
        from kerasformer.exporting.litert import export_litert

        exported = folder / f"{path.name}.tflite"
        export_litert(load_bundle(path), exported, "litert-int8", **options)
    return exported


def add_model(path, out, temporary, options):
    """Copy a model into the page; returns its record in models.json."""
    path = pretrained.locate(path)
    if not path.exists():
        names = ", ".join(pretrained.available())
        raise InputError(f"{path} does not exist: name a bundle, a .tflite, or one of {names}")
    file = as_litert(path, temporary, options)
    description = describe(file, "translation", "litert")
    languages = {"source": description.source, "target": description.target}
    data = file.read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:12]  # so that browsers see a new file
    name = f"models/{description.source}-{description.target}.{digest}.tflite"
    (out / "models").mkdir(exist_ok=True)
    (out / name).write_bytes(data)
    return {**languages, "file": name, "size": len(data)}


def add_wasm(out):
    """Copy the wasm of LiteRT.js; returns its folder, which has the version in its name."""
    version = json.loads((WASM.parent / "package.json").read_text(encoding="utf-8"))["version"]
    folder = out / f"wasm-{version}"
    folder.mkdir()
    for build in BUILDS:
        for ending in ("js", "wasm"):
            shutil.copyfile(WASM / f"{build}.{ending}", folder / f"{build}.{ending}")
    return folder.name


def add_service_worker(out, models, wasm):
    """Write the service worker with the names of what it keeps; a change of any file changes it."""
    shell = sorted(path for path in out.iterdir() if path.is_file())
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in shell)).hexdigest()[:12]
    files = [record["file"] for record in models]
    files += [f"{wasm}/{build}.{ending}" for build in BUILDS for ending in ("js", "wasm")]
    text = (SOURCES / "page" / "service_worker.js").read_text(encoding="utf-8")
    names = json.dumps(["./", *(path.name for path in shell if path.name != "index.html")])
    text = text.replace("['shell']", names).replace("['files']", json.dumps(files))
    write_text(out / "service_worker.js", f"// {digest}\n{text}")


def build(models, out, **options):
    """Write the page.

    Args:
        models: list of paths of bundles and `.tflite` files, or names of pretrained models.
        out: the folder to write, whole or not at all.
        **options: of the bundles' exports: `beam_size`, with which the page shows other translations, and `streaming`,
            with which it shows a long translation token by token.

    Raises:
        InputError: if something is missing, or a model is none of a translator.
    """
    install()
    with tempfile.TemporaryDirectory() as temporary, whole_folder(out) as folder:
        records = [add_model(path, folder, pathlib.Path(temporary), options) for path in models]
        wasm = add_wasm(folder)
        for name in STATIC:
            shutil.copyfile(SOURCES / "page" / name, folder / name)
        bundle_scripts(folder)
        write_text(folder / "manifest.webmanifest", json.dumps(MANIFEST))
        write_text(folder / "models.json", json.dumps([{**record, "wasm": f"{wasm}/"} for record in records]))
        add_service_worker(folder, records, wasm)


def sizes(out):
    """Megabytes of the page without models and wasm, of the wasm that a browser loads, and of the models."""
    files = {path: path.stat().st_size / 1e6 for path in pathlib.Path(out).rglob("*") if path.is_file()}
    models = sum(size for path, size in files.items() if path.parent.name == "models")
    wasm = [size for path, size in files.items() if path.parent.name.startswith("wasm-")]
    return sum(files.values()) - models - sum(wasm), sum(wasm) / len(BUILDS), models


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", default=pretrained.available(),
                        help="bundles, .tflite files or pretrained models (default: all pretrained)")  # fmt: skip
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument("--beam-size", type=int, default=1, metavar="N",
                        help="export bundles with a beam, with which the page offers other translations")  # fmt: skip
    parser.add_argument("--streaming", action="store_true",
                        help="export bundles so that the page shows long translations token by token")  # fmt: skip
    arguments = parser.parse_args()
    require(1 <= arguments.beam_size <= 16, "--beam-size", arguments.beam_size, "from 1 to 16")
    build(arguments.models, arguments.out, beam_size=arguments.beam_size, streaming=arguments.streaming)
    page, wasm, models = sizes(arguments.out)
    print(f"wrote {arguments.out}: page {page:.2f} MB, wasm {wasm:.1f} MB, models {models:.1f} MB; "
          f"to see it: python -m http.server --directory {arguments.out}")  # fmt: skip


if __name__ == "__main__":
    with one_line_errors("export/browser.py"):
        main()
