"""What Node's runtime makes of a handler. RIC: aws-lambda-nodejs-runtime-interface-client, 3.3.0 to Node 22 and 4.0.2
from Node 24 on.
"""

from __future__ import annotations

from tests.handlers.case import ALL, Case, Refused, loads

N20, N22, N24 = "nodejs20.x", "nodejs22.x", "nodejs24.x"
RIC = "RIC UserFunction.js: basename, first dot, path.resolve"
RIC4 = "RIC index.mjs of 4.0.2: import() of the path, with .js, .mjs, .cjs"
FOLDERS = "RIC #181; Node documentation, modules, LOAD_AS_DIRECTORY"
ENDINGS = "Node documentation, modules, LOAD_AS_FILE: .js, .json, .node, before a folder"
FALLBACK = "RIC UserFunction.js: require.resolve(module, {paths}); Lambda guide: NODE_PATH ends with /var/task"
PATHS = "Lambda guide, defined runtime environment variables, NODE_PATH; Node documentation, NODE_OPTIONS"
LAYERS = "Lambda guide, layers: /opt/nodejs/node_modules"
WRAPPER = "Lambda guide, wrapper scripts"

JS = "index.js"
EMPTY = {"hello.json": "{}", "index.json": "{}"}
MAIN = {"hello/package.json": '{"main": "lib/main.js"}'}

CASES = (
    # -- files
    Case(RIC, N22, "index.handler", (JS,), ALL),
    Case(RIC, N22, "index.handler", ("index.mjs",), ALL),
    Case(RIC, N22, "index.handler", ("index.cjs",), ALL),
    Case(RIC, N22, "index.handler", ("index",), ALL),
    Case(RIC, N22, "index.handler", ("index.mjs", JS), loads(JS)),
    Case(RIC, N22, "index.api.handler", (JS,), ALL),
    Case(RIC, N22, "dist/index.handler", ("dist/index.js",), ALL),
    Case(RIC, N22, "index.js.handler", (JS,), ALL, is_asked=False),  # an object may be called js
    Case(RIC, N22, "node_modules/kit.handler", ("node_modules/kit/index.js",), ALL),
    Case(RIC, N22, "v1.2/index.handler", ("v1.2/index.js",), ALL),
    Case(RIC, N22, "src/foo.bar.handler", ("src/foo.bar.js",), Refused("src/foo.js")),
    Case(RIC, N22, "index.handler", ("index.ts",), Refused("there is index.ts, a source: compile it")),
    Case(RIC4, N24, "index.handler", ("index.ts",), Refused("needs index.js")),
    Case(RIC, N22, "index.handler", ("Index.js",), Refused("there is Index.js: capital and small letters")),
    Case(RIC4, N24, "index.handler", (JS,), ALL),
    Case(RIC4, N24, "index.handler", ("index.mjs",), ALL),
    Case(RIC4, N24, "index.handler", ("index.cjs",), ALL),
    Case(RIC4, N24, "index.handler", ("index",), ALL),
    # -- how it is written
    Case(RIC, N22, "./index.handler", (JS,), ALL),
    Case(RIC, N22, "./dist/index.handler", ("dist/index.js",), ALL),
    Case(RIC, N22, ".dist/index.handler", (".dist/index.js",), ALL),
    Case(RIC, N22, ".dist/index.handler", ("dist/index.js",), Refused("needs .dist/index.js")),
    Case(RIC, N22, "dist//index.handler", ("dist/index.js",), ALL),
    Case(RIC, N22, "dist/./index.handler", ("dist/index.js",), ALL),
    Case(RIC4, N24, "dist/.//index.handler", ("dist/index.js",), ALL),
    Case(RIC, N22, "/var/task/index.handler", (JS,), ALL),
    Case(RIC, N22, "/var/task/dist/index.handler", ("dist/main.js",), Refused("needs dist/index.js")),
    Case(RIC, N22, "dist/index.handler/", ("dist/index.js",), ALL),
    Case(RIC, N22, "index.handler/index.handler", (JS,), ALL),
    Case(RIC, N22, "index.handler/index.handler", ("index.handler/index.js",), Refused("needs index.js")),
    Case(RIC, N22, "../index.handler", (JS,), Refused("without two dots")),
    Case(RIC, N22, "index..handler", (JS,), Refused("without two dots")),
    Case(RIC, N22, "index", (JS,), Refused("names no function")),
    Case(RIC, N22, "index.", (JS,), Refused("names no function")),
    Case(RIC, N22, "dist.d/index", ("dist.d/index.js",), Refused("names no function")),
    Case(RIC4, N24, "index", (JS,), Refused("names no function")),
    Case(RIC4, N24, "../index.handler", (JS,), Refused("without two dots")),
    # -- folders
    Case(FOLDERS, N20, "hello.handler", ("hello/index.js",), ALL),
    Case(FOLDERS, N22, "src/hello.handler", ("src/hello/index.js",), ALL),
    Case(FOLDERS, N22, "hello.handler", ("hello/package.json", "hello/lib/main.js"), None, contents=MAIN),
    Case(FOLDERS, N22, "hello.handler", ("hello/index.mjs",), Refused("hello/index.js")),
    Case(FOLDERS, N22, "hello.handler", ("hello/index.cjs",), Refused("hello/index.js")),
    Case(FOLDERS, N22, "hello.handler", ("hello/main.js",), Refused("hello/index.js")),
    Case(FOLDERS, N22, "hello.handler", ("hello/",), Refused("hello/index.js")),
    Case(FOLDERS, N22, "hello.handler", ("hello.mjs", "hello/lib.js"), Refused("hides hello.mjs")),
    Case(FOLDERS, N22, "hello.handler", ("hello.cjs", "hello/lib.js"), Refused("hides hello.cjs")),
    Case(FOLDERS, N22, ".handler", (JS,), ALL),
    Case(ENDINGS, N22, "hello.handler", ("hello.js", "hello/lib.js"), loads("hello.js")),
    Case(ENDINGS, N22, "hello.handler", ("hello.js", "hello/index.js"), loads("hello.js")),
    Case(ENDINGS, N22, "hello.handler", ("hello.json", "hello/index.js"), Refused("JSON has no function"),
         contents=EMPTY),
    Case(ENDINGS, N22, "hello.handler", ("hello.json", "hello.js"), loads("hello.js"), contents=EMPTY),
    Case(ENDINGS, N22, "index.handler", ("index.json",), Refused("JSON has no function"), contents=EMPTY),
    Case(RIC4, N24, "hello.handler", ("hello/index.js",), Refused("hello/index.handler")),
    Case(RIC4, N24, "hello.api.handler", ("hello/index.js",), Refused("hello/index.api.handler")),
    Case(RIC4, N24, "hello.handler", ("hello/package.json", "hello/lib/main.js"), Refused("loads no folders"),
         contents=MAIN),
    Case(RIC4, N24, "hello.handler", ("hello.js", "hello/lib.js"), Refused("hides hello.js")),
    Case(RIC4, N24, "hello/index.handler", ("hello/index.js",), ALL),
    Case(RIC4, N24, ".handler", (JS,), Refused()),
    # -- by the module's name alone
    Case(FALLBACK, N22, "toolkit.handler", ("node_modules/toolkit/index.js",), ALL),
    Case(FALLBACK, N22, "toolkit.handler", ("node_modules/toolkit.js",), ALL),
    Case(FALLBACK, N22, "src/toolkit.handler", ("node_modules/toolkit/index.js",), ALL),
    Case(FALLBACK, N22, "src/toolkit.handler", ("src/node_modules/toolkit.js",), ALL),
    Case(FALLBACK, N24, "src/toolkit.handler", ("src/node_modules/toolkit.js",), ALL),
    Case(FALLBACK, N24, "/src/kit.handler", ("src/node_modules/kit.js",), ALL),
    Case(FALLBACK, N22, "/src/kit.handler", ("src/node_modules/kit.js",), Refused("needs kit.js")),
    Case(FALLBACK, N24, "toolkit.handler", ("node_modules/toolkit/index.js",), ALL),
    Case(FALLBACK, N22, "toolkit.handler", ("node_modules/toolkit/package.json",), None),
    Case(FALLBACK, N22, "src/index.handler", (JS,), ALL),
    Case(FALLBACK, N22, "/index.handler", (JS,), ALL),
    Case(FALLBACK, N22, "/index.handler", ("index.mjs",), Refused("needs index.js")),
    Case(RIC4, N24, "/index.handler", ("index.mjs",), ALL),
    Case(RIC4, N24, "/dist/index.handler", ("dist/index.mjs",), Refused("needs index.js")),
    Case(FALLBACK, N22, "/dist/index.handler", ("dist/index.js",), Refused("needs index.js")),
    Case(FALLBACK, N22, "src/hello.handler", ("hello/index.js",), ALL),
    Case(FALLBACK, N24, "src/hello.handler", ("hello/index.js",), ALL),
    Case(FALLBACK, N22, "src/index.handler", ("index.mjs",), Refused("needs src/index.js")),
    Case(FALLBACK, N22, "@acme/kit.handler", ("node_modules/@acme/kit/index.js",), Refused("needs @acme/kit.js")),
    Case(FALLBACK, N22, "toolkit/lib.handler", ("node_modules/toolkit/lib.js",), Refused("needs toolkit/lib.js")),
    Case(
        RIC, N22, "node_modules/datadog-lambda-js/dist/handler.handler",
        ("node_modules/datadog-lambda-js/dist/handler.js",), ALL,
    ),
    # -- what nobody can tell
    Case(LAYERS, N22, "/opt/nodejs/node_modules/datadog-lambda-js/handler.handler", (JS,), None),
    Case(LAYERS, N22, "/opt/nodejs/node_modules/datadog-lambda-js/handler.handler", (JS,), None, has_layers=True),
    Case(LAYERS, N22, "newrelic-lambda-wrapper.handler", (JS,), None, has_layers=True),
    Case(LAYERS, N22, "newrelic-lambda-wrapper.handler", (JS,), Refused("newrelic-lambda-wrapper.js")),
    Case("Lambda guide, file systems are mounted below /mnt", N22, "/mnt/code/index.handler", (JS,), None),
    Case(RIC, N22, "index", (JS,), Refused("names no function"), has_layers=True),
    Case(LAYERS, N22, "index.handler", (JS,), ALL, has_layers=True),
    Case(LAYERS, N22, "src/index.handler", (JS,), None, has_layers=True),
    Case(FOLDERS, N22, "hello.handler", ("hello/lib.js",), Refused("hello/index.js"), has_layers=True),
    Case(PATHS, N22, "index.handler", (JS,), ALL, variables={"NODE_PATH": "/opt/lib"}),
    Case(PATHS, N22, "index.handler", (JS,), None, variables={"NODE_OPTIONS": "--import=./hook.mjs"}),
    Case(PATHS, N22, "index.handler", ("src/index.js",), None, variables={"NODE_PATH": "/var/task/src"}),
    Case(PATHS, N22, "index.handler", ("src/index.js",), None, variables={"NODE_OPTIONS": "--require ./hook.js"}),
    Case(PATHS, N22, "index.handler", ("src/index.js",), None, variables={"NODE_OPTIONS": "--import=./hook.mjs"}),
    Case(PATHS, N22, "index.handler", ("src/index.js",), None, variables=None),
    Case(PATHS, N22, "index.handler", ("src/index.js",), Refused("there is src/index.js"),
         variables={"NODE_OPTIONS": "--enable-source-maps --max-old-space-size=512"}),
    Case(WRAPPER, N22, "run.sh", ("run.sh",), None, variables={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}),
    Case("no number, no client", "nodejs", "index.handler", ("main.js",), None),
)  # fmt: skip
