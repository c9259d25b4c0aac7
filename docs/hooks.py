"""Pages of the site that are made from other files: README, changelog, notebooks and API reference.

MkDocs calls the functions `on_...` when it builds the site (see mkdocs.yml). A notebook is shown with the outputs that
`notebooks/build.py` left in runs/notebooks, or without outputs if it has not been run.
"""

import base64
import html
import json
import pathlib
import re

from latex2mathml.converter import convert
from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).parents[1]
PAGES = {
    "index.md": "README.md",
    "ko.md": "README.ko.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "models.md": "kerasformer/pretrained/README.md",
}
NOTEBOOKS = {  # in the order of the study notes
    "sequence_to_sequence": "Sequence to sequence",
    "attention": "Attention",
    "transformer": "Transformer",
    "vision_transformer": "Vision Transformer",
    "dall_e": "DALL-E",
    "embedding_and_encoding": "Embedding and encoding",
    "chatbot": "Chatbot",
}
NOT_RUN = (
    "!!! note\n    Shown without outputs. `python notebooks/build.py notebooks/{}` runs it; then build the site again."
)


def on_config(config):
    """Add the generated pages to the navigation."""
    notebooks = [{title: f"notebooks/{name}.md"} for name, title in NOTEBOOKS.items()]
    reference = [{page.removeprefix("api/").removesuffix(".md"): page} for page in api_pages()]
    config.nav += [
        {"Pretrained models": "models.md"},
        {"Notebooks": ["notebooks/index.md", *notebooks]},
        {"API reference": reference},
        {"Contributing": "contributing.md"},
        {"Changelog": "changelog.md"},
        {"한국어": "ko.md"},
    ]


def on_files(files, config):
    """Add the generated pages to those in docs/."""
    made = {page: with_links(ROOT / source) for page, source in PAGES.items()} | api_pages()
    questions = []
    for name, title in NOTEBOOKS.items():
        ran = ROOT / "runs" / "notebooks" / f"{name}.ipynb"
        page, images = notebook_page(ran if ran.exists() else ROOT / "notebooks" / f"{name}.ipynb")
        made |= {f"notebooks/{name}.md": page} | {f"notebooks/{image}": data for image, data in images.items()}
        questions.append(f"- [{title}]({name}.md): {page.splitlines()[0].strip('# ')}")
    made["notebooks/index.md"] = "\n".join(["# Notebooks\n", *questions])
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))


def on_page_markdown(markdown, **_):
    """Let links from docs/ to files at the top of the repository reach the pages made from these."""
    for page, source in PAGES.items():
        markdown = markdown.replace(f"](../{source}", f"]({page}")
    return markdown


def on_page_content(content, **_):
    """Turn formulas into MathML, which browsers show without a script."""
    return re.sub(
        r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>',
        lambda found: convert(html.unescape(found[2]).strip(), display="inline" if found[1] == "span" else "block"),
        content,
        flags=re.DOTALL,
    )


def with_links(path):
    """Markdown of a file at the top of the repository, with links as seen from docs/."""
    text = re.sub(r"""(\]\(|src=")docs/""", r"\1", path.read_text(encoding="utf-8"))
    text = re.sub(r"\]\(notebooks/(\w+)\.ipynb", r"](notebooks/\1.md", text)
    for page, source in PAGES.items():
        text = text.replace(f"]({source}", f"]({page}")
    return text


def api_pages():
    """The API reference as Markdown: dict of page to text, a page for each room of the package."""
    pages = {}
    for path in sorted(
        (ROOT / "kerasformer").rglob("*.py"), key=lambda path: (path.parent, path.stem != "__init__", path)
    ):
        *folders, _ = parts = path.relative_to(ROOT).with_suffix("").parts
        room = parts[1] if len(parts) > 2 else "kerasformer"
        members = "\n    options: {members: false, show_root_heading: false}" if path.stem == "__init__" else ""
        name = ".".join(folders if path.stem == "__init__" else parts)
        heading = f"# {room if room == 'kerasformer' else f'kerasformer.{room}'}\n"
        pages.setdefault(f"api/{room}.md", [heading]).append(f"::: {name}{members}\n")
    names = re.findall(
        r'"(\w+)": "(kerasformer[\w.]*)"', (ROOT / "kerasformer" / "__init__.py").read_text(encoding="utf-8")
    )
    public = [
        "These names can be imported from `kerasformer`:\n",
        *(f"- `{name}`, from `{home}`" for name, home in names),
    ]
    pages["api/kerasformer.md"].insert(2, "\n".join([*public, ""]))
    return {page: "\n".join(lines) for page, lines in pages.items()}


def notebook_page(path):
    """A notebook as Markdown, and the images of its outputs: (text, dict of file name to bytes)."""
    text, images, cells = [], {}, json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text.append(re.sub(r"\]\((\w+)\.ipynb", r"](\1.md", source))
            continue
        text.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{path.stem}-{len(images) + 1}.png"
                images[name] = base64.b64decode("".join(data["image/png"]))
                text.append(f"![Output]({name})")
            elif printed := "".join(output.get("text", data.get("text/plain", ""))).rstrip():
                text.append(f"```{{.text .output}}\n{printed}\n```")
    if not any(cell.get("outputs") for cell in cells):
        text.insert(1, NOT_RUN.format(path.name))
    return "\n\n".join(text) + "\n", images
