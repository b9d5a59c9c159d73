"""Imports point one way, heavy libraries load late, files stay small."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 250
WHOLE = {"aonet_core/engine/protocol.py"}
"""Longer, since the engine's interface shall be read in one place: signatures and docstrings."""
SHARED = {
    "types", "lazy", "files", "errors", "extras", "kinds", "names", "pictures", "trust", "cache",
}  # fmt: skip
"""Modules of the core that any of its parts may import."""
ALLOWED = {
    **dict.fromkeys(SHARED, set()),
    "model": set(),
    "data": set(),
    "synthetic": {"data"},
    "occlusion": {"data"},
    "losses": {"model", "data"},
    "training": {"model", "data", "losses", "synthetic"},
    "retrieval": {"model"},
    "results": {"occlusion"},
    "analysis": {"model", "retrieval", "data", "occlusion", "results"},
    "adaptation": {"model", "data", "analysis", "training", "synthetic"},
    "gallery": {"retrieval", "data", "occlusion", "results", "analysis"},
    "engine": {
        "model", "data", "retrieval", "analysis", "occlusion", "adaptation", "results", "gallery"
    },
    "reports": {"model", "data", "training", "retrieval", "analysis", "results"},
    "commands": {
        "model", "data", "synthetic", "training", "retrieval", "analysis", "adaptation",
        "results", "gallery", "engine", "reports",
    },
}  # fmt: skip
"""What each part of the core may import of the core, besides itself and `SHARED`."""
FOLDERS_ONE_WAY = ("synthetic", "engine", "analysis", "retrieval", "training")
"""Parts whose folders import one another in one direction alone."""
FREE = {"__init__", "__main__", "cli"}
"""Modules of the core that hold it together."""
PAGE = {"streamlit", "plotly"}
HEAVY = {"torch", "torchvision", "pytorch_lightning"}


def sources(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def name(path):
    return path.relative_to(ROOT).as_posix()


def imported(path):
    """Names of all modules that a file imports, anywhere in it, with relative ones resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *filter(None, [node.module])))
            # "from aonet_core import engine" imports a part by its bare name.
            bare = module in ("aonet_core", "app")
            yield from (f"{module}.{alias.name}" if bare else module for alias in node.names)


def roots(path):
    return {module.partition(".")[0] for module in imported(path)}


CORE = sources("aonet_core")
APP = [*sources("app"), ROOT / "streamlit_app.py"]


def test_relative_and_bare_imports_are_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "aonet_core" / "model" / "net.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "def f():\n    from ..data import x\n    from . import y\n    import torch.nn\n"
    )
    assert set(imported(path)) == {"aonet_core.data", "aonet_core.model", "torch.nn"}
    path.write_text("from aonet_core import engine")
    assert list(imported(path)) == ["aonet_core.engine"]


def test_core_imports_point_one_way():
    wrong = {}
    for path in CORE:
        part = path.relative_to(ROOT / "aonet_core").with_suffix("").parts[0]
        if part in FREE:
            continue
        assert part in ALLOWED, f"say in this test what {part} may import"
        allowed = {part} | SHARED | ALLOWED[part]
        used = {m.split(".")[1] for m in imported(path) if m.startswith("aonet_core.")}
        if more := used - allowed:
            wrong[name(path)] = f"may import {sorted(allowed)}, imports {sorted(more)} too"
    assert not wrong


def test_no_two_modules_or_folders_of_the_core_import_each_other():
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in CORE}
    graph = {each: set(imported(path)) & set(modules) for each, path in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
    folders = {}
    for module, used in graph.items():
        for other in used:
            here, there = module.split(".")[1:-1], other.split(".")[1:-1]
            if here[:1] == there[:1] and here[:1] in [[each] for each in FOLDERS_ONE_WAY]:
                if len(here) > 1 and len(there) > 1 and here != there:
                    folders.setdefault("/".join(here), set()).add("/".join(there))
    TopologicalSorter(folders).prepare()


def importing(paths, forbidden):
    """What each of these files imports that it must not, by its name."""
    found = {name(path): sorted(roots(path) & forbidden) for path in paths}
    return {path: modules for path, modules in found.items() if modules}


def test_core_knows_neither_page_nor_plots():
    assert not importing(CORE, PAGE | {"app"})


def test_front_end_knows_the_engine_alone():
    assert not importing(APP, HEAVY)
    modules = {module for path in APP for module in imported(path)}
    core = {module for module in modules if module.partition(".")[0] == "aonet_core"}
    assert core <= {"aonet_core.engine"}


def test_pages_and_their_choices_do_not_compute():
    paths = [path for path in sources("app/views") if path.name in ("page.py", "state.py")]
    assert len(paths) > 9
    assert not importing(paths, {"numpy", "pandas", "PIL"})


APP_ALLOWED = {
    "services": set(),
    "theme": set(),
    "charts": {"theme"},
    "shared": {"services", "theme", "charts"},
    "views": {"shared", "services", "theme", "charts"},
    "main": {"views", "shared", "services", "theme"},
}
"""What each part of the front end may import of the front end, besides itself."""


def app_imports():
    """What each module of the front end imports of it: names of modules by the module's name."""
    modules = {}
    for path in sources("app"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        modules[".".join(parts).removesuffix(".__init__")] = path
    found = {}
    for module, path in modules.items():
        found[module] = {
            name if (name := f"{node.module}.{alias.name}") in modules else node.module
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "app"
            for alias in node.names
        }
    return found


def test_front_end_imports_point_one_way():
    wrong = {}
    for module, imports in app_imports().items():
        if module == "app":
            continue
        part = module.split(".")[1]
        allowed = {part} | APP_ALLOWED[part]
        if more := {name for name in imports - {"app"} if name.split(".")[1] not in allowed}:
            wrong[module] = sorted(more)
    assert not wrong


def test_views_do_not_know_one_another():
    def view(module):
        parts = module.split(".")
        return parts[2] if parts[:2] == ["app", "views"] and len(parts) > 2 else None

    wrong = {
        module: sorted(others)
        for module, imports in app_imports().items()
        if view(module)
        and (others := {name for name in imports if view(name) not in (None, view(module))})
    }
    assert not wrong, "what several views use lives in app/shared"


def circle(imports):
    """Modules that import one another in a circle, the first one found; [] for none."""
    done = set()

    def follow(module, path):
        if module in path:
            return path[path.index(module) :]
        if module in done:
            return []
        for other in sorted(imports.get(module, ())):
            if found := follow(other, [*path, module]):
                return found
        done.add(module)
        return []

    return next(filter(None, (follow(module, []) for module in sorted(imports))), [])


def test_front_end_has_no_circle_of_imports():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert not circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    assert not circle(app_imports())


def test_pictures_are_decoded_in_one_place():
    opened = [
        f"{name(path)}:{node.lineno}"
        for path in (*CORE, *APP)
        if name(path) != "aonet_core/data/image_files.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("open", "read_file", "decode_image", "imread")
        and ast.unparse(node.value) in ("Image", "PIL.Image", "image_io", "io", "plt", "cv2")
        and ast.unparse(node) != "io.open"
    ]
    assert not opened, "call read_image"


def test_charts_know_no_page():
    charts = [path for path in sources("app") if path.name == "charts.py"]
    assert len(charts) > 2
    assert not importing(charts, {"streamlit"})


def test_files_stay_small():
    paths = [*CORE, *APP, *sources("benchmarks")]
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    long = {path: count for path, count in lines.items() if count > LIMIT and path not in WHOLE}
    assert not long, f"expected at most {LIMIT} lines"


def test_nothing_heavy_loads_at_import():
    code = (
        "import sys, aonet_core, aonet_core.engine, app.main\n"
        "print(*{'torch', 'umap', 'numba'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []
