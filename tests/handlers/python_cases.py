"""What Python's runtime makes of a handler. RIC: aws-lambda-python-runtime-interface-client, bootstrap.py."""

from __future__ import annotations

from tests.handlers.case import ALL, Case, Refused, loads

P = "python3.13"
RIC = "RIC _get_handler: rsplit at the last dot, / becomes ., import_module"
BUILT_IN = "RIC _get_handler: Runtime.BuiltInModuleConflict for sys.builtin_module_names"
LOADED = "Python reference, import system, the module cache: sys.modules comes before any file"
PACKAGES = "Python reference, import system, regular packages and namespace packages"
SUFFIXES = "importlib.machinery EXTENSION_SUFFIXES; PEP 3149 for the tags, PEP 384 for abi3"
SOURCELESS = "PEP 3147: a .pyc beside its source's place is imported, one in __pycache__ alone is not"
PATHS = "Python documentation, PYTHONPATH and PYTHONHOME; pychromeless #29"
LAYERS = "Lambda guide, layers: /opt/python is on sys.path"
WRAPPER = "Lambda guide, wrapper scripts; aws-lambda-web-adapter, handler run.sh"

FOLDER = "zip what is in the folder, not the folder"
NONE = "Python does not load the handler"
OWN_NAME = "has the name of Python's own module"
HIDES = "hides from Python"
OF_ANOTHER = "is compiled for another"

CASES = (
    # -- where a module is
    Case(RIC, P, "app.handler", ("app.py",), ALL),
    Case(RIC, P, "src.app.handler", ("src/app.py",), ALL),
    Case(RIC, P, "src/app.handler", ("src/app.py",), ALL),
    Case(RIC, P, "src/shop.app.handler", ("src/shop/app.py",), ALL),
    Case(RIC, P, "src/my-app.handler", ("src/my-app.py",), ALL),
    Case(RIC, P, "größe.handler", ("größe.py",), ALL),
    Case(RIC, "python3.9", "app.handler", ("app.py",), ALL),
    Case(RIC, P, "app.handler", ("main.py",), Refused("needs app.py in the zip")),
    Case(RIC, P, "app.handler", ("App.py",), Refused("there is App.py: capital and small letters count")),
    Case(RIC, P, "app.handler", ("app/app.py",), Refused("there is app/app.py")),
    Case(RIC, P, "app.handler", ("checkout/app.py", "checkout/b.py"), Refused(FOLDER)),
    Case(RIC, P, "src.app.handler", ("app.py",), Refused("needs src/app.py")),
    Case(RIC, P, "app.py", ("app.py",), ALL, is_asked=False),  # a function may be called py
    Case(RIC, P, "json.dumps", ("app.py",), Refused("Python's own module"), is_asked=False),  # it works
    Case(RIC, P, "app.py.handler", ("app.py",), Refused("write app.handler")),
    # -- how it is written
    Case(RIC, P, "./app.handler", ("app.py",), Refused(NONE)),
    Case(RIC, P, "./src/app.handler", ("src/app.py",), Refused(NONE)),
    Case(RIC, P, "/app.handler", ("app.py",), Refused(NONE)),
    Case(RIC, P, "/var/task/app.handler", ("app.py",), Refused(NONE)),
    Case(RIC, P, "src//app.handler", ("src/app.py",), Refused(NONE)),
    Case(RIC, P, "src/./app.handler", ("src/app.py",), Refused(NONE)),
    Case(RIC, P, "../app.handler", ("app.py",), Refused(NONE)),
    Case(RIC, P, ".app.handler", ("app.py",), Refused(NONE)),
    Case(RIC, P, "src/app..handler", ("src/app.py",), Refused(NONE)),
    Case(RIC, P, "app", ("app.py",), Refused("names no function")),
    Case(RIC, P, "app.", ("app.py",), Refused("names no function")),
    Case(RIC, P, ".handler", ("app.py",), Refused("names no function")),
    Case(RIC, P, "src/app", ("src/app.py",), Refused("names no function")),
    Case(RIC, P, "src.app/handler", ("src/app.py", "src/__init__.py"), Refused("names no function")),
    # -- names that are Python's own
    Case(BUILT_IN, P, "time.handler", ("time.py",), Refused(OWN_NAME)),
    Case(BUILT_IN, P, "gc.handler", ("gc.py",), Refused(OWN_NAME)),
    Case(BUILT_IN, P, "sys.handler", ("sys/__init__.py",), Refused(OWN_NAME)),
    Case(BUILT_IN, P, "itertools.app.handler", ("itertools/app.py", "itertools/__init__.py"), Refused(OWN_NAME)),
    Case(BUILT_IN, P, "time/app.handler", ("time/__init__.py", "time/app.py"), Refused(OWN_NAME)),
    Case(BUILT_IN, P, "src/time.handler", ("src/time.py",), ALL),
    Case(BUILT_IN, P, "timer.handler", ("timer.py",), ALL),
    Case(LOADED, P, "json.handler", ("json.py",), Refused(OWN_NAME)),
    Case(LOADED, P, "logging/app.handler", ("logging/__init__.py", "logging/app.py"), Refused(OWN_NAME)),
    Case(LOADED, P, "os.handler", ("os.py",), Refused(OWN_NAME)),
    Case(LOADED, P, "types.handler", ("types.py",), Refused(OWN_NAME)),
    Case(LOADED, P, "enum.handler", ("enum/__init__.py",), Refused(OWN_NAME)),
    Case(LOADED, "python3.9", "string.handler", ("string.py",), Refused(OWN_NAME)),
    Case(LOADED, P, "decimal.handler", ("decimal.py",), Refused(OWN_NAME)),
    Case(LOADED, P, "collections/app.handler", ("collections/__init__.py", "collections/app.py"), Refused(OWN_NAME)),
    Case(LOADED, P, "src/types.handler", ("src/types.py",), ALL),
    Case(PACKAGES, P, "calendar.handler", ("calendar.py",), ALL),
    Case(PACKAGES, P, "wave/app.handler", ("wave/app.py",), Refused("add wave/__init__.py")),
    Case(PACKAGES, P, "xmlrpc.app.handler", ("xmlrpc/app.py",), Refused("add xmlrpc/__init__.py")),
    Case(PACKAGES, P, "wave/app.handler", ("wave/__init__.py", "wave/app.py"), ALL),
    Case(PACKAGES, P, "src/wave/app.handler", ("src/wave/app.py",), ALL),
    # -- packages
    Case(PACKAGES, P, "app.handler", ("app/__init__.py",), ALL),
    Case(PACKAGES, P, "src.app.handler", ("src/__init__.py", "src/app.py"), ALL),
    Case(PACKAGES, P, "src.app.handler", ("src/app/__init__.py",), ALL),
    Case(PACKAGES, P, "src.__init__.handler", ("src/__init__.py",), loads("src/__init__.py", "src/__init__.py")),
    Case(PACKAGES, P, "app.handler", ("app.py", "app/__init__.py"), loads("app/__init__.py")),
    Case(PACKAGES, P, "app.handler", ("app.py", "app/other.py"), loads("app.py")),
    Case(PACKAGES, P, "app.handler", ("app/other.py",), Refused("needs app.py")),
    Case(PACKAGES, P, "app.handler", ("app/__init__.pyi",), Refused("needs app.py")),
    Case(PACKAGES, P, "src.app.handler", ("src.py", "src/app.py"), Refused(HIDES)),
    Case(PACKAGES, P, "a/b/app.handler", ("a/b.py", "a/b/app.py"), Refused("add a/b/__init__.py")),
    Case(PACKAGES, P, "a.b.handler", ("a.py", "a/__init__.py", "a/b.py"), loads("a/__init__.py", "a/b.py")),
    Case(PACKAGES, P, "app.handler", ("app.egg-info/x.py",), Refused("needs app.py")),
    Case(PACKAGES, P, "app.handler", ("app.egg/app.py",), Refused("needs app.py")),
    Case(PACKAGES, P, "app.handler", ("app-1.0-py3.13.egg/app.py",), Refused("needs app.py")),
    Case(PACKAGES, P, "app.handler", ("app.so/x.so",), Refused("needs app.py")),
    # -- compiled
    Case(SOURCELESS, P, "app.handler", ("app.pyc",), ALL),
    Case(SOURCELESS, P, "app.handler", ("__pycache__/app.cpython-313.pyc",), Refused("needs app.py")),
    Case(SUFFIXES, P, "app.handler", ("app.so",), ALL),
    Case(SUFFIXES, P, "app.handler", ("app.abi3.so",), ALL),
    Case(SUFFIXES, P, "app.handler", ("app.cpython-313-x86_64-linux-gnu.so",), ALL),
    Case(SUFFIXES, P, "app.handler", ("app.cpython-313-aarch64-linux-gnu.so",), Refused(OF_ANOTHER)),
    Case(
        SUFFIXES, P, "app.handler", ("app.cpython-313-aarch64-linux-gnu.so",),
        ALL, machine="arm64",
    ),
    Case(
        SUFFIXES, P, "app.handler", ("app.cpython-313-aarch64-linux-gnu.so",),
        ALL, machine=None,
    ),
    Case(SUFFIXES, P, "app.handler", ("app.cpython-39-x86_64-linux-gnu.so",), Refused(OF_ANOTHER)),
    Case(SUFFIXES, P, "app.handler", ("app.cpython-39-x86_64-linux-gnu.so",), Refused(OF_ANOTHER), machine=None),
    Case(SUFFIXES, P, "app.handler", ("app.d/x.so", "app.cpython-313-darwin.so"), Refused(OF_ANOTHER)),
    Case(SUFFIXES, P, "app.handler", ("app.d/x.so",), Refused("needs app.py in the zip; add it")),
    Case(SUFFIXES, P, "app.handler", ("app.cpython-313-darwin.so",), Refused(OF_ANOTHER)),
    Case(SUFFIXES, P, "app.handler", ("app.cp313-win_amd64.pyd",), Refused(OF_ANOTHER)),
    Case(SUFFIXES, P, "app.handler", ("app.cpython-39-aarch64-linux-gnu.so", "app.py"), loads("app.py")),
    Case(SUFFIXES, P, "src.app.handler", ("src/__init__.so", "src/app.py"), ALL),
    # -- what nobody can tell
    Case(PATHS, P, "app.handler", ("src/app.py",), None, variables={"PYTHONPATH": "/var/task/src"}),
    Case(PATHS, P, "app.handler", ("main.py",), None, variables={"PYTHONPATH": "/opt/lib"}),
    Case(PATHS, P, "app.handler", ("src/app.py",), None, variables={"PYTHONHOME": "/var/task/python"}),
    Case(PATHS, P, "app.handler", ("src/app.py",), None, variables=None),
    Case(PATHS, P, "app.handler", ("src/app.py",), Refused("there is src/app.py"), variables={"STAGE": "live"}),
    Case(PATHS, P, "./app.handler", ("app.py",), Refused(NONE), variables={"PYTHONPATH": "/opt"}),
    Case(BUILT_IN, P, "time.handler", ("time.py",), Refused(OWN_NAME), has_layers=True),
    Case(LAYERS, P, "datadog_lambda.handler.handler", ("app.py",), None, has_layers=True),
    Case(LAYERS, P, "datadog_lambda.handler.handler", ("app.py",), Refused("datadog_lambda/handler.py")),
    Case(
        LAYERS, P, "datadog_lambda.handler.handler", ("datadog_lambda/__init__.py", "datadog_lambda/handler.py"),
        ALL,
    ),
    # /var/task comes before layers and PYTHONPATH, and a folder without __init__.py after both
    Case(PATHS, P, "app.handler", ("app.py",), ALL, variables={"PYTHONPATH": "/opt/lib"}),
    Case(LAYERS, P, "app.handler", ("app.py",), ALL, has_layers=True),
    Case(LAYERS, P, "src.app.handler", ("src/__init__.py", "src/app.py"), ALL, has_layers=True),
    Case(LAYERS, P, "src.app.handler", ("src/app.py",), None, has_layers=True),
    Case(WRAPPER, P, "run.sh", ("run.sh",), None, variables={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}),
    Case(WRAPPER, P, "anything", ("main.py",), None, variables={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/run"}),
    Case(WRAPPER, P, "run.sh", ("run.sh",), None, has_layers=True),
    Case("Lambda guide, runtimes: Python 2.7 has ended", "python2.7", "app.handler", ("main.py",), None),
)  # fmt: skip
