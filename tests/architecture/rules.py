"""The rules that import-linter cannot express. Each takes a module and yields what is wrong with it."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final

from contracts.code_words import LISTS
from contracts.event_words import EVENTS
from tests.architecture.census import EVERYTHING, PRODUCT, Module, imported, strings, used

LINES_PER_FILE: Final = 300
LINES_PER_FUNCTION: Final = 40
BANNED_NAMES: Final = {"utils", "util", "helpers", "helper", "common", "core", "base", "types", "misc", "shared"}
CONTRACTS_MAY_IMPORT: Final = {"contracts", "pydantic", "pydantic_core", "rfc8785", "uuid_utils"}
WORDED_IN: Final = {"code_words.py", "event_words.py", "problem_wordings.py"}
PUBLISHING: Final = "services/runtime/publishing.py"
NOT_PUBLISHING: Final = {  # module and call: why it records nothing
    ("services/runtime/broker.py", "publisher"): "names a subject in the AsyncAPI description",
    ("services/runtime/doors.py", "publish"): "asks for stored messages, and passes such questions on",
    ("services/runtime/jetstream.py", "publish"): "asks the server's API for stored messages",
    ("services/runtime/pulling.py", "publish"): "asks the server's API for the next messages",
}
_SUBJECT: Final = re.compile(
    r"^(inbox|\{\}|\*)\.(report|action)\."
    r"|^(actual|exercise|test|\{\}|\*)\.(report|incident|regulation|register|identity)\.[\w*>{]"
    r"|^(deadline|deadlines|parked|receipt)\.([*>{]|schedule\b|due\b)"
    r"|^\$JS\.EVENT\.",
)
_WALL_CLOCK: Final = re.compile(
    r"^(datetime\.(datetime|date)\.(now|utcnow|today)"
    r"|time\.(time|time_ns|localtime|gmtime|ctime|strftime|clock_gettime|clock_gettime_ns))$",
)
_STOPWATCH: Final = re.compile(r"^time\.(monotonic|perf_counter|process_time)(_ns)?$")
_ENVIRONMENT: Final = re.compile(r"^os\.(environ|environb|getenv|getenvb|putenv|unsetenv)\b")
_SETTINGS_BASE: Final = "pydantic_settings.BaseSettings"
_IDS: Final = re.compile(r"^(uuid_utils\b|uuid\.uuid\d$|random\b|secrets\.token_)")

Rule = Callable[[Module], Iterator[str]]


def subjects_are_spelled_in_one_place(module: Module) -> Iterator[str]:
    """A subject literal anywhere but beside the others can drift from the stream that should hold it."""
    if str(module.path) not in {"contracts/subjects.py", "contracts/subject_words.py"}:
        for node, text in strings(module.tree):
            if _SUBJECT.search(text):
                yield module.at(node, f"spells the subject {text!r}; use contracts.subjects")


def only_settings_read_the_environment(module: Module) -> Iterator[str]:
    """A variable read elsewhere is neither checked at start nor listed in the reference."""
    if module.path.name != "settings.py":
        for node, name in used(module.tree):
            if _ENVIRONMENT.match(name) or name == _SETTINGS_BASE:
                yield module.at(node, f"uses {name}; only settings.py reads the environment")


def only_publishing_publishes(module: Module) -> Iterator[str]:
    """A publish elsewhere escapes the atomic batch, the expected sequence and the derived message id."""
    path = str(module.path)
    for node, name in publish_calls(module):
        if path != PUBLISHING and (path, name) not in NOT_PUBLISHING:
            yield module.at(node, f"calls {name}(); only {PUBLISHING} publishes")


def publish_calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Calls of anything named publish, publisher or publish_something."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if re.fullmatch(r"publish(er|_\w+)?", name):
                yield node, name


def only_the_clock_reads_a_clock(module: Module) -> Iterator[str]:
    """A decision that reads a clock gives another answer on redelivery. Stopwatches are for the rim only."""
    path = str(module.path)
    at_the_rim = path.startswith(("services/runtime/", "services/stack/")) or module.path.name == "cli.py"
    if path != "services/runtime/clock.py":
        for node, name in used(module.tree):
            if _WALL_CLOCK.match(name) or (_STOPWATCH.match(name) and not at_the_rim):
                yield module.at(node, f"reads {name}; take the time as an argument or ask services.runtime.clock")


def only_identifiers_make_ids(module: Module) -> Iterator[str]:
    """An id made elsewhere is not derived from its cause, so a redelivered message would yield other bytes."""
    if str(module.path) != "contracts/identifiers.py":
        for node, name in used(module.tree):
            if _IDS.match(name) and not module.path.is_relative_to("services/runtime/embedded"):
                yield module.at(node, f"uses {name}; only contracts/identifiers.py makes ids")


def contracts_import_little(module: Module) -> Iterator[str]:
    """Contracts are read by everything, also by other people's programs: they bring no framework and no I/O."""
    if module.path.is_relative_to("contracts"):
        yield from _imports_beyond(module, CONTRACTS_MAY_IMPORT)


def the_verifier_needs_only_python(module: Module) -> Iterator[str]:
    """An auditor runs the verifier with a bare Python, and it must not share a mistake with the writer."""
    if str(module.path) in {"services/audit/evidence/verify.py", "services/audit/evidence/signatures.py"}:
        yield from _imports_beyond(module, set())


def files_are_short(module: Module) -> Iterator[str]:
    """A file that does not fit one reading does more than one thing."""
    lines = len(module.text.splitlines())
    if lines >= LINES_PER_FILE:
        yield module.at(module.tree, f"has {lines} lines; fewer than {LINES_PER_FILE} are allowed")


def functions_are_short(module: Module) -> Iterator[str]:
    """A function longer than a screen decides, formats and sends at once."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines >= LINES_PER_FUNCTION:
                yield module.at(node, f"{node.name} has {lines} lines; fewer than {LINES_PER_FUNCTION} are allowed")


def modules_say_what_they_do(module: Module) -> Iterator[str]:
    """The first line of a module tells what it decides or does."""
    if not ast.get_docstring(module.tree):
        yield module.at(module.tree, "has no docstring")


def modules_have_a_subject(module: Module) -> Iterator[str]:
    """A module named after nothing collects everything."""
    for part in module.path.with_suffix("").parts:
        if part.strip("_") in BANNED_NAMES:
            yield module.at(module.tree, f"is named {part!r}, which says nothing about its content")


def closed_lists_are_worded_once(module: Module) -> Iterator[str]:
    """A second table of words drifts from the first: an officer and an auditor would read two names for one thing."""
    if module.path.name not in WORDED_IN:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Dict) and node.values and all(_is_words(value) for value in node.values):
                yield from (
                    module.at(node, f"names the members of {kind} again; use contracts.code_words or event_words")
                    for kind, (named, most) in _members_named(module, node).items()
                    if 2 * named >= most
                )


def _is_words(value: ast.expr) -> bool:
    """Whether it says something in both languages: a pair of texts, a named tuple of such, or `vi / en`."""
    texts = [value]
    if isinstance(value, ast.Tuple):
        texts = value.elts[:2]
    elif isinstance(value, ast.Call):
        texts = value.args[:2]
    said = [one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return len(said) > 1 or any(" / " in one for one in said)


def _members_named(module: Module, table: ast.Dict) -> dict[str, tuple[int, int]]:
    """Closed list -> how many of its members are keys here, by name or by value, and how many there are."""
    names = {id(node): name for node, name in used(module.tree)}
    keys = [key for key in table.keys if key is not None]
    found: dict[str, tuple[int, int]] = {}
    named = Counter(names.get(id(key), "").removesuffix(".value").rpartition(".")[0] for key in keys)
    for kind, count in named.items():
        if kind.startswith("contracts."):
            source, _, name = kind.rpartition(".")
            found[kind] = count, len(getattr(import_module(source), name))
    spelled = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    for kind, codes in {**LISTS, "event": EVENTS}.items():
        if count := len(spelled & set(codes)):
            found[kind] = count, len(codes)
    return found


def _imports_beyond(module: Module, allowed: set[str]) -> Iterator[str]:
    for node, name in imported(module.tree):
        top = name.partition(".")[0]
        if top not in allowed and top not in sys.stdlib_module_names:
            yield module.at(node, f"imports {name}; only {sorted(allowed)} and the standard library are allowed")


RULES: Final[dict[Rule, tuple[str, ...]]] = {
    subjects_are_spelled_in_one_place: PRODUCT,
    only_settings_read_the_environment: PRODUCT,
    only_publishing_publishes: PRODUCT,
    only_the_clock_reads_a_clock: PRODUCT,
    only_identifiers_make_ids: PRODUCT,
    contracts_import_little: PRODUCT,
    the_verifier_needs_only_python: PRODUCT,
    files_are_short: EVERYTHING,
    functions_are_short: EVERYTHING,
    modules_say_what_they_do: EVERYTHING,
    modules_have_a_subject: EVERYTHING,
    closed_lists_are_worded_once: PRODUCT,
}
