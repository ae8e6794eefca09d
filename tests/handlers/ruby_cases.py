"""What Ruby's runtime makes of a handler. RIC: aws-lambda-ruby-runtime-interface-client."""

from __future__ import annotations

from tests.handlers.case import ALL, Case, Refused

R = "ruby3.3"
RIC = "RIC lambda_handler.rb: split at dots, two or three parts; aws_lambda_ric.rb: require from /var/task"
GEMS = "Lambda guide, defined runtime environment variables: GEM_PATH begins with /var/task/vendor/bundle"
PATHS = "Lambda guide, defined runtime environment variables; Ruby manual, RUBYLIB and RUBYOPT; Bundler, BUNDLE_*"
LAYERS = "Lambda guide, layers: /opt/ruby/gems and /opt/ruby/lib"
GEM = "vendor/bundle/ruby/3.3.0/gems/lamby-6.0.1/lib/lamby.rb"
FOLDER = "zip what is in the folder, not the folder"
SHAPE = "write FILE.METHOD or FILE.CLASS.METHOD"

CASES = (
    Case(RIC, R, "app.handler", ("app.rb",), ALL),
    Case(RIC, R, "src/app.handler", ("src/app.rb",), ALL),
    Case(RIC, R, "src//app.handler", ("src/app.rb",), ALL),
    Case(RIC, R, "lib/app.Api::Handler.process", ("lib/app.rb",), ALL),
    Case(RIC, R, "/var/task/app.handler", ("app.rb",), ALL),
    Case(RIC, R, "app.handler.", ("app.rb",), ALL),
    Case(RIC, R, "app.handler", ("main.rb",), Refused("needs app.rb in the zip")),
    Case(RIC, R, "app.handler", ("lib/app.rb", "Gemfile"), Refused("make the handler lib/app.handler")),
    Case(RIC, R, "app.handler", ("checkout/app.rb", "checkout/Gemfile"), Refused(FOLDER)),
    Case(RIC, R, "app.handler", ("checkout/lib/app.rb",), Refused("needs app.rb")),
    Case(RIC, R, "v1.2/app.handler", ("v1.2/app.rb",), Refused("needs v1.rb")),
    Case(RIC, R, "app", ("app.rb",), Refused("names no function")),
    Case(RIC, R, "app.", ("app.rb",), Refused("names no function")),
    Case(RIC, R, "./app.handler", ("app.rb",), Refused(SHAPE)),
    Case(RIC, R, ".app.handler", ("app.rb",), Refused(SHAPE)),
    Case(RIC, R, "../app.handler", ("app.rb",), Refused(SHAPE)),
    Case(RIC, R, "./src/app.handler", ("src/app.rb",), Refused(SHAPE)),
    Case(RIC, R, "app.Api.Handler.process", ("app.rb",), Refused(SHAPE)),
    Case(RIC, R, "app..handler", ("app.rb",), Refused(SHAPE), is_asked=False),
    Case(RIC, R, "./app.handler", ("app.rb",), Refused(SHAPE), has_layers=True),
    Case(RIC, R, "app.rb.handler", ("app.rb",), ALL),
    Case(GEMS, R, "lamby.cmd", (GEM,), ALL, is_asked=False),
    Case(GEMS, R, "lamby/api.cmd", (GEM,), Refused("needs lamby/api.rb")),
    Case(PATHS, R, "app.handler", ("src/app.rb",), None, variables={"RUBYLIB": "/var/task/src"}),
    Case(PATHS, R, "app.handler", ("src/app.rb",), None, variables={"RUBYOPT": "-I/var/task/src"}),
    Case(PATHS, R, "lamby.cmd", ("gems/lamby.rb",), None, variables={"GEM_PATH": "/var/task/gems"}),
    Case(PATHS, R, "lamby.cmd", ("app.rb",), None, variables={"BUNDLE_GEMFILE": "/var/task/Gemfile"}),
    Case(PATHS, R, "app.handler", ("src/app.rb",), None, variables=None),
    Case(PATHS, R, "app.handler", ("app.rb",), ALL, variables={"GEM_PATH": "/var/task/gems"}),
    Case(PATHS, R, "app.handler", ("app.rb",), None, variables={"RUBYLIB": "/var/task/src"}),
    Case(LAYERS, R, "app.handler", ("app.rb",), ALL, has_layers=True),
    Case(LAYERS, R, "lamby.cmd", ("app.rb",), None, has_layers=True),
    Case(LAYERS, R, "/opt/ruby/lib/app.handler", ("app.rb",), None),
    Case("Lambda guide, wrapper scripts", R, "run", ("run",), None, variables={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/run"}),
)  # fmt: skip
