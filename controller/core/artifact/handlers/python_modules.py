"""Names of Python's own modules that a module or folder of a zip cannot have, or not in every case.

Each list holds what Python 3.9 to 3.13 have in common, so it is true of every Python that Lambda offers. Source:
sys.builtin_module_names and sys.stdlib_module_names of those, as they are built by default, 2026-11.
"""

_BUILT_IN = (
    "_abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat _string _symtable _thread"
    " _tracemalloc _warnings _weakref atexit builtins errno faulthandler gc itertools marshal posix pwd sys time"
)
_LOADED = "codecs encodings importlib io json logging os traceback"
_STANDARD = (
    "abc argparse array ast asyncio base64 bdb binascii bisect bz2 calendar cmath cmd code codeop collections colorsys"
    " compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes dataclasses datetime dbm"
    " decimal difflib dis doctest email enum fcntl filecmp fileinput fnmatch fractions ftplib functools genericpath"
    " getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib inspect ipaddress keyword"
    " linecache locale lzma mailbox math mimetypes mmap modulefinder multiprocessing netrc ntpath numbers opcode"
    " operator optparse pathlib pdb pickle pickletools pkgutil platform plistlib poplib posixpath pprint profile"
    " pstats pty py_compile pyclbr pydoc queue quopri random re reprlib resource rlcompleter runpy sched secrets select"
    " selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3"
    " ssl stat statistics string stringprep struct subprocess symtable sysconfig tabnanny tarfile tempfile termios"
    " textwrap this threading timeit token tokenize trace tracemalloc tty types typing unicodedata unittest urllib uuid"
    " venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo"
)

TAKEN = frozenset(f"{_BUILT_IN} {_LOADED}".split())
"""Modules that are in memory before the handler's is imported: a file of that name is never looked for."""
STANDARD = frozenset(_STANDARD.split())
"""Modules of the standard library. A file or a package comes before them, a folder without __init__.py after them."""
