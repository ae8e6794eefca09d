"""Names of Python's own modules, which hide modules or folders of the same name in a zip.

Each list is the intersection of Python 3.9 to 3.13, so it holds for every Python that Lambda offers. Source:
sys.builtin_module_names and sys.stdlib_module_names of default builds, 2026-11.
"""

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
_STANDARD = (
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

TAKEN = frozenset(f"{_BUILT_IN} {_LOADED}".split())
"""Modules in memory before the handler is imported: the zip's file of the same name is never loaded."""
STANDARD = frozenset(_STANDARD.split())
"""Modules of the standard library: the zip's files and packages win over these, folders without __init__.py lose."""
