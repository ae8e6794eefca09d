"""Finds Python's handler: the last dot ends the module, slashes are dots, and /var/task has the modules.

Sources: aws-lambda-python-runtime-interface-client, bootstrap.py; Python's language reference, the import system, and
importlib.machinery for the suffixes, 2026-11.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from controller.core.artifact.handlers.hints import missing, misspelled, shapeless, shown
from controller.core.artifact.handlers.results import Found, Missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from controller.core.artifact.handlers.startup import Startup
    from controller.core.artifact.handlers.tree import Tree

_NUMBER = re.compile(r"python3\.(\d+)")
_PATHS = ("PYTHONPATH", "PYTHONHOME", "PYTHONPLATLIBDIR")
_TAGS = {"x86_64": "x86_64", "arm64": "aarch64"}
# Python's own modules hide modules or folders of the same name in a zip. Each list is the intersection of Python 3.9 to
# 3.13, so it holds for every Python that Lambda offers. Source: sys.builtin_module_names and sys.stdlib_module_names of
# default builds, 2026-11.
_BUILT_IN = (
    "_abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat _string _symtable _thread"
    " _tracemalloc _warnings _weakref atexit builtins errno faulthandler gc itertools marshal posix pwd sys time"
)
_LOADED = (
    "abc codecs collections copyreg decimal encodings enum functools genericpath importlib io json keyword"
    " linecache logging math numbers operator os posixpath re reprlib site stat string threading traceback types"
    " weakref"
)
"""Modules imported by Lambda's client, directly or not: asked of Python 3.9 to 3.13 and awslambdaric 4.2.2."""
_LIBRARY = (
    "argparse array ast asyncio base64 bdb binascii bisect bz2 calendar cmath cmd code codeop colorsys compileall"
    " concurrent configparser contextlib contextvars copy csv ctypes dataclasses datetime dbm difflib dis doctest"
    " email fcntl filecmp fileinput fnmatch fractions ftplib getopt getpass gettext glob graphlib grp gzip hashlib"
    " heapq hmac html http imaplib inspect ipaddress locale lzma mailbox mimetypes mmap modulefinder"
    " multiprocessing netrc ntpath opcode optparse pathlib pdb pickle pickletools pkgutil platform plistlib poplib"
    " pprint profile pstats pty py_compile pyclbr pydoc queue quopri random resource rlcompleter runpy sched"
    " secrets select selectors shelve shlex shutil signal smtplib socket socketserver sqlite3 ssl statistics"
    " stringprep struct subprocess symtable sysconfig tabnanny tarfile tempfile termios textwrap this timeit token"
    " tokenize trace tracemalloc tty typing unicodedata unittest urllib uuid venv warnings wave webbrowser wsgiref"
    " xml xmlrpc zipapp zipfile zipimport zlib zoneinfo"
)
_TAKEN = frozenset(f"{_BUILT_IN} {_LOADED}".split())
"""Modules in memory before the handler is imported: the zip's file of the same name is never loaded."""
_STANDARD = frozenset(_LIBRARY.split())
"""Modules of the standard library: the zip's files and packages win over these, folders without __init__.py lose."""


def look(tree: Tree, startup: Startup) -> Found | Missing | None:
    """Takes "src/app.handler" and "src.app.handler" for src/app.py, or for src/app/__init__.py."""
    number = _NUMBER.fullmatch(startup.runtime)
    if startup.is_wrapped or number is None:
        return None
    module, _, function = startup.handler.rpartition(".")
    if not module or not function or "/" in function:
        return shapeless(startup)
    parts = module.replace("/", ".").split(".")
    if not all(parts):
        return misspelled(startup, "Python", "write the path from the zip's root, as in src/app.handler")
    if parts[0] in _TAKEN:
        return Missing(
            f"the handler {startup.handler} has the name of Python's own module {parts[0]}, which is loaded instead:"
            " rename it, in the zip and in the handler"
        )
    looked = _imported(tree, startup, parts, _suffixes(int(number[1]), startup.machine))
    if startup.has_layers or startup.sets(*_PATHS):
        # /var/task comes first, and a folder without __init__.py after those of all other paths.
        return looked if isinstance(looked, Found) and len(looked.files) == len(parts) else None
    return looked


def _imported(tree: Tree, startup: Startup, parts: list[str], suffixes: tuple[str, ...]) -> Found | Missing:
    """Walks from package to package. A folder without __init__.py is a package unless a module has its name."""
    loaded: list[str] = []
    path = ""
    for part in parts[:-1]:
        path = f"{path}{part}"
        initializer = _initializer(tree, path, suffixes)
        hidden = None if initializer else _hidden(tree, startup, path, suffixes)
        if hidden:
            return hidden
        loaded += [initializer] if initializer else []
        path = f"{path}/"
    path = f"{path}{parts[-1]}"
    found = _initializer(tree, path, suffixes) or _module(tree, path, suffixes)
    return Found((*loaded, found)) if found else _missing(tree, startup, path)


def _hidden(tree: Tree, startup: Startup, folder: str, suffixes: Iterable[str]) -> Missing | None:
    """Returns why Python would load a module instead of a folder without __init__.py; None if Python takes the
    folder.
    """
    module = _module(tree, folder, suffixes)
    if not tree.has_folder(folder) or (module is None and folder not in _STANDARD):
        return None
    return Missing(
        f"the handler {startup.handler} looks into the folder {folder}, which"
        f" {module or f'the module {folder} of the standard library'} hides from Python: add {folder}/__init__.py, or"
        " rename the folder"
    )


def _initializer(tree: Tree, path: str, suffixes: Iterable[str]) -> str | None:
    return tree.file(*(f"{path}/__init__{suffix}" for suffix in suffixes))


def _module(tree: Tree, path: str, suffixes: Iterable[str]) -> str | None:
    return tree.file(*(f"{path}{suffix}" for suffix in suffixes))


def _suffixes(number: int, machine: str | None) -> tuple[str, ...]:
    """Returns the endings of a module's file, in Python's order.

    Compiled for this Python and machine, for any Python 3, for anything; then source and bytecode.
    """
    version = f"3{number}m" if number < 8 else f"3{number}"
    tags = [_TAGS[machine]] if machine in _TAGS else list(_TAGS.values())
    return (*(f".cpython-{version}-{tag}-linux-gnu.so" for tag in tags), ".abi3.so", ".so", ".py", ".pyc")


def _missing(tree: Tree, startup: Startup, path: str) -> Missing:
    of_its_name = (name for name in tree if name.startswith(f"{path}.") and name.endswith((".so", ".pyd")))
    compiled = next((name for name in of_its_name if "/" not in name.removeprefix(path)), None)
    if compiled is not None:
        machine = f" on {startup.machine}" if startup.machine else ""
        return Missing(
            f"the handler {startup.handler} needs {path}.py in the zip, or a module compiled for"
            f" {startup.runtime}{machine}; {shown(compiled)} is compiled for another: build it for this one"
        )
    source = path.removesuffix("/py")
    if source != path and tree.file(f"{source}.py"):
        module, _, function = startup.handler.rpartition(".")
        return misspelled(
            startup, "Python", f"write {module.removesuffix('.py')}.{function}, without the file's ending"
        )
    return missing(tree, startup, (f"{path}.py",))
