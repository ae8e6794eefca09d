"""Which files of a zip Lambda loads for a handler: ``handler_file`` asks the file of the runtime's family."""

from controller.core.artifact.handlers.handler_file import handler_files, lacks_handler
from controller.core.artifact.handlers.startup import Startup, startup_of

__all__ = ["Startup", "handler_files", "lacks_handler", "startup_of"]
