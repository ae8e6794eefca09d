"""What the runtimes of .NET and Java, and those of an OS only, make of a handler."""

from __future__ import annotations

from tests.handlers.case import ALL, Case, Refused, loads

NET, JAVA, OS = "dotnet8", "java21", "provided.al2023"
BOOTSTRAP = "bootstrap.sh of AWS's .NET base images; aws-lambda-dotnet #1399"
NATIVE = "aws-lambda-dotnet, blueprints for native AOT on dotnet8: handler and file are bootstrap"
LOADER = "aws-lambda-java-libs CustomerClassLoader.java: /var/task and the jars of /var/task/lib"
HANDLER = "aws-lambda-java-libs HandlerInfo.java: the class is before ::"
IN_THE_ROOT = "AWS re:Post QUHFHh-c8xQ0KqaAH7BKAvIQ: ClassNotFoundException"
LAYERS = "Lambda guide, layers: /opt/java/lib, /opt/bootstrap"
OPTIONS = "Lambda guide, JAVA_TOOL_OPTIONS; java(1), -javaagent and -Xbootclasspath"
WRAPPER = "Lambda guide, wrapper scripts: not for OS-only runtimes"
CUSTOM = "Lambda guide, building a custom runtime: bootstrap in the root"

LIBRARY, CLASS = "Shop::Shop.Function::Handle", "com.acme.Handler::handle"
CLASS_FILE = "com/acme/Handler.class"
WRAPPED = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/run"}
WITHIN = "zip what is in the folder"
FOLDER = "zip what is in the folder, not the folder"

CASES = (
    Case(BOOTSTRAP, NET, LIBRARY, ("Shop.dll", "Shop.runtimeconfig.json"), loads("Shop.dll")),
    Case(BOOTSTRAP, "dotnet6", LIBRARY, ("Shop.dll",), ALL),
    Case(BOOTSTRAP, NET, "Shop", ("Shop.dll",), ALL),
    Case(BOOTSTRAP, NET, "Shop.dll", ("Shop.dll",), ALL),
    Case(BOOTSTRAP, NET, "Acme.Shop::Acme.Shop.Function::Handle", ("Acme.Shop.dll",), ALL),
    Case(NATIVE, NET, "bootstrap", ("bootstrap",), ALL),
    Case(NATIVE, NET, "Shop", ("bootstrap",), ALL),
    Case(BOOTSTRAP, NET, LIBRARY, ("publish/Shop.dll", "publish/Shop.runtimeconfig.json"), Refused(FOLDER)),
    Case(BOOTSTRAP, NET, LIBRARY, ("bin/Release/net8.0/publish/Shop.dll", "a.txt"), Refused(f"{WITHIN} bin/Rel")),
    Case(BOOTSTRAP, NET, "Shop", ("publish/Shop.dll",), Refused(FOLDER)),
    Case(BOOTSTRAP, NET, LIBRARY, ("shop.dll",), Refused("there is shop.dll: capital and small letters count")),
    Case(BOOTSTRAP, NET, LIBRARY, ("Function.cs", "Shop.csproj"), Refused("needs Shop.dll in the zip")),
    Case(BOOTSTRAP, NET, LIBRARY, ("Function.cs",), None, variables={"DOTNET_SHARED_STORE": "/opt/store"}),
    Case(LAYERS, NET, LIBRARY, ("Shop.dll",), ALL, has_layers=True),
    Case(LAYERS, NET, LIBRARY, ("Function.cs",), None, has_layers=True),
    Case("Lambda guide, wrapper scripts", NET, LIBRARY, ("run",), None, variables=WRAPPED),
    Case(HANDLER, JAVA, CLASS, (CLASS_FILE,), ALL),
    Case(HANDLER, JAVA, "com.acme.Handler", (CLASS_FILE,), ALL),
    Case(HANDLER, JAVA, "com.acme.Shop$Handler::handle", ("com/acme/Shop$Handler.class",), ALL),
    Case(HANDLER, JAVA, "Handler::handle", ("Handler.class",), ALL),
    Case(LOADER, JAVA, CLASS, ("lib/shop.jar",), None),
    Case(LOADER, JAVA, "io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest", ("lib/a.jar",), None),
    Case(LOADER, "java8.al2", CLASS, ("lib/shop.jar", "com/acme/Other.class"), None),
    Case(LOADER, JAVA, CLASS, (CLASS_FILE, "lib/shop.jar"), loads(CLASS_FILE)),
    Case(IN_THE_ROOT, JAVA, CLASS, ("shop-1.0.jar",), Refused("move it to lib/")),
    Case(LOADER, JAVA, CLASS, ("lib/inner/shop.jar",), Refused("move it to lib/")),
    Case(LOADER, JAVA, CLASS, ("build/libs/shop.jar", "README.md"), Refused("move it to lib/")),
    Case(LOADER, JAVA, CLASS, ("target/classes/com/acme/Handler.class",), Refused(FOLDER)),
    Case(LOADER, JAVA, CLASS, (f"target/classes/{CLASS_FILE}", "pom.xml"), Refused(f"{WITHIN} target/classes)")),
    Case(LOADER, JAVA, CLASS, ("checkout/lib/shop.jar", "checkout/lib/b.jar"), Refused(f"{WITHIN} checkout")),
    Case(LOADER, JAVA, CLASS, ("checkout/lib/shop.jar", "shop.jar"), Refused("move it to lib/")),
    Case(LOADER, JAVA, CLASS, (f"BOOT-INF/classes/{CLASS_FILE}", "META-INF/a"), Refused(f"{WITHIN} BOOT-INF/classes)")),
    Case(LOADER, JAVA, CLASS, ("src/main/java/com/acme/Handler.java",), Refused("a source: compile it")),
    Case(LOADER, JAVA, CLASS, ("com/acme/Handler.kt",), Refused("a source: compile it")),
    Case(LOADER, JAVA, CLASS, ("com/acme/Other.class",), Refused(f"needs {CLASS_FILE}")),
    Case(LAYERS, JAVA, CLASS, (CLASS_FILE,), ALL, has_layers=True),
    Case(LAYERS, JAVA, CLASS, ("README.md",), None, has_layers=True),
    Case(OPTIONS, JAVA, CLASS, ("shop.jar",), None, variables={"JAVA_TOOL_OPTIONS": "-javaagent:/opt/agent.jar"}),
    Case(OPTIONS, JAVA, CLASS, ("shop.jar",), None, variables={"JAVA_TOOL_OPTIONS": "-Xbootclasspath/a:shop.jar"}),
    Case(OPTIONS, JAVA, CLASS, ("shop.jar",), None, variables=None),
    Case(OPTIONS, JAVA, CLASS, ("shop.jar",), Refused("move it to lib/"),
         variables={"JAVA_TOOL_OPTIONS": "-XX:+TieredCompilation -XX:TieredStopAtLevel=1"}),
    Case("Lambda guide, wrapper scripts", JAVA, CLASS, ("shop.jar",), None, variables=WRAPPED),
    Case(CUSTOM, OS, "whatever", ("bootstrap",), ALL),
    Case(CUSTOM, "provided.al2", "public/index.php", ("bootstrap", "public/index.php"), loads("bootstrap")),
    Case(CUSTOM, OS, "whatever", ("app",), Refused("needs bootstrap in the zip")),
    Case(CUSTOM, OS, "whatever", ("bootstrap/",), Refused("needs bootstrap in the zip")),
    Case(CUSTOM, OS, "whatever", ("bootstrap/main",), Refused("needs bootstrap in the zip")),
    Case(CUSTOM, OS, "whatever", ("target/lambda/app/bootstrap",), Refused(FOLDER)),
    Case(LAYERS, OS, "whatever", ("bootstrap",), ALL, has_layers=True),
    Case(LAYERS, "provided.al2", "public/index.php", ("public/index.php",), None, has_layers=True),
    Case(WRAPPER, OS, "whatever", ("app",), Refused("needs bootstrap in the zip"), variables=WRAPPED),
)  # fmt: skip
