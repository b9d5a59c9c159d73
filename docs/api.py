"""Makes pages of the core's docstrings in docs/api: `make docs`."""

import pkgutil
from importlib import import_module
from pathlib import Path

import pdoc

import aonet_core

OUT = Path(__file__).with_name("api")


def modules() -> list[str]:
    """All modules of the core but those that are run, not imported."""
    found = pkgutil.walk_packages(aonet_core.__path__, "aonet_core.")
    names = [each.name for each in found if not each.name.endswith("__main__")]
    for name in names:
        import_module(name)
    return ["aonet_core", *names]


def main() -> None:
    """Make them anew."""
    pdoc.render.configure(docformat="google", show_source=False)
    pdoc.pdoc(*modules(), output_directory=OUT)
    print(f"{len(list(OUT.rglob('*.html')))} pages: open {OUT / 'index.html'}")


if __name__ == "__main__":
    main()
