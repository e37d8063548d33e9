"""Puts the same rules into other rule engines that Python can call, each written as favourably as we know.

They are installed into a folder of their own that is removed after the run; they never become dependencies.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any, Final

from contracts.codes import Severity
from contracts.decisions import Facts
from contracts.taxonomy import Category
from services.routing.regulations.engine.resolve import day_of
from services.routing.regulations.rules.model import Rule
from services.routing.regulations.rules.when import AreaRelation, LevelRange

WHEELS: Final = ("zen-engine==2.1.3", "cel-expr-python==0.1.3", "celine-regorus==0.9.1.post20260227075446")
"""`celine-regorus` is upstream's regorus, packaged; regorus itself publishes no wheel."""
LINEAR: Final = ("zen-engine", "cel-expr-python", "regorus")
INDEXED: Final = ("regorus, indexed in Rego", "regorus, a package per category")
_NO_CONDITION: Final = 1 << len(AreaRelation)
"""The bit that every place has, for rules that do not ask for any."""
_DEGREES: Final = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
_SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")

Finds = Callable[[dict[str, Any]], frozenset[str]]


@contextmanager
def installed() -> Iterator[None]:
    """The wheels importable while this lasts."""
    with TemporaryDirectory(prefix="phoihop-peers-") as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", folder]
        done = subprocess.run([*command, *WHEELS], check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"the peers could not be installed (--offline leaves them out):\n{done.stderr}")
        sys.path.append(folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


def plain(facts: Facts, relations: frozenset[AreaRelation]) -> dict[str, Any]:
    """The facts as every engine reads them fastest: numbers, booleans, one string; no level is 0."""
    levels = {scale: getattr(facts.scales, scale) or 0 for scale in _SCALES}
    return {
        "category": facts.category.value,
        "severity": _DEGREES.index(facts.severity),
        "casualties": int(facts.casualties),
        "day": day_of(facts.occurred_at).toordinal(),
        **levels,
        **{relation.value: relation in relations for relation in AreaRelation},
        "area_bits": _area_bits(relations) | _NO_CONDITION,
    }


def _area_bits(relations: Container[AreaRelation]) -> int:
    return sum(1 << place for place, relation in enumerate(AreaRelation) if relation in relations)


def engines(rules: Sequence[Rule]) -> dict[str, Finds]:
    """The engines by name, each loaded with the rules: it gives the codes of those that hold."""
    return {
        "zen-engine": _zen(rules),
        "cel-expr-python": _cel(rules),
        "regorus": _regorus(rules),
        "regorus, indexed in Rego": _regorus_indexed(rules),
        "regorus, a package per category": _regorus_packages(rules),
    }


def _conditions(rule: Rule) -> Iterator[tuple[str, int, int]]:
    """(fact, least, most) of every numeric condition beside the category."""
    yield "day", rule.valid_from.toordinal(), (rule.valid_to or date.max).toordinal()
    if rule.when.severity_at_least is not None:
        yield "severity", _DEGREES.index(rule.when.severity_at_least), len(_DEGREES)
    for scale in _SCALES:
        levels: LevelRange | None = getattr(rule.when, scale)
        if levels is not None:
            assert not levels.unstated
            yield scale, levels.min or 1, levels.max or 5
    if rule.when.casualties is not None:
        yield "casualties", int(rule.when.casualties), int(rule.when.casualties)


def _zen(rules: Sequence[Rule]) -> Finds:
    """One decision table that collects all rows that hold."""
    fields = ("category", "severity", *_SCALES, "casualties", "day")
    inputs = [{"id": name, "name": name, "field": name} for name in fields] + [{"id": "area", "name": "area"}]
    content = {
        "hitPolicy": "collect",
        "inputs": inputs,
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [_row(rule) for rule in rules],
    }
    nodes = [_node("in", "inputNode"), _node("table", "decisionTableNode", content), _node("out", "outputNode")]
    edges = [
        {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in (("in", "table"), ("table", "out"))
    ]
    document = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    decision = import_module("zen").ZenEngine().create_decision(json.dumps(document))
    return lambda facts: frozenset(row["rule"] for row in decision.evaluate(facts)["result"])


def _row(rule: Rule) -> dict[str, str]:
    cells = {name: f"[{least}..{most}]" for name, least, most in _conditions(rule)}
    cells["category"] = ", ".join(f"'{category}'" for category in rule.when.category)
    if rule.when.area:
        cells["area"] = " or ".join(rule.when.area)
    return {"_id": rule.code, **cells, "rule": f"'{rule.code}'"}


def _node(name: str, kind: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    node = {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}}
    return node if content is None else {**node, "content": content}


def _cel(rules: Sequence[Rule]) -> Finds:
    """One compiled expression per rule over one activation."""
    cel = import_module("cel_expr_python.cel")
    numbers = dict.fromkeys(("severity", "day", "casualties", "area_bits", *_SCALES), cel.Type.INT)
    truths = dict.fromkeys((relation.value for relation in AreaRelation), cel.Type.BOOL)
    environment = cel.NewEnv(variables={"category": cel.Type.STRING, **numbers, **truths})
    compiled = [(rule.code, environment.compile(" && ".join(_cel_terms(rule)))) for rule in rules]

    def finds(facts: dict[str, Any]) -> frozenset[str]:
        activation = environment.Activation(facts)
        return frozenset(code for code, expression in compiled if expression.eval(activation).value())

    return finds


def _cel_terms(rule: Rule) -> Iterator[str]:
    """The conditions as expressions, the category first."""
    yield f"category == '{rule.when.category[0]}'"
    for name, least, most in _conditions(rule):
        yield f"{name} >= {least} && {name} <= {most}"
    if rule.when.area:
        yield f"({' || '.join(rule.when.area)})"


def _rego(rule: Rule) -> Iterator[str]:
    """The conditions of a rule as lines of Rego, beside the category."""
    for name, least, most in _conditions(rule):
        yield f"input.{name} >= {least}"
        yield f"input.{name} <= {most}"
    if rule.when.area:
        yield f"bits.and(input.area_bits, {_area_bits(rule.when.area)}) != 0"


def _regorus(rules: Sequence[Rule]) -> Finds:
    """One policy with a clause per rule, read from first to last."""
    clauses = [_clause(rule, f"input.category == {json.dumps(rule.when.category[0])}") for rule in rules]
    return _evaluated({"linear": clauses}, lambda _: "data.linear.holds")


def _regorus_packages(rules: Sequence[Rule]) -> Finds:
    """A policy per category, chosen by the caller: an index outside of Rego."""
    packages: dict[str, list[str]] = {_package(category.value): [] for category in Category}
    for rule in rules:
        packages[_package(rule.when.category[0])].append(_clause(rule))
    return _evaluated(packages, lambda facts: f"data.{_package(facts['category'])}.holds")


def _package(category: str) -> str:
    return category.lower().replace("-", "_")


def _clause(rule: Rule, *first: str) -> str:
    return f'holds contains "{rule.code}" if {{ {"; ".join((*first, *_rego(rule)))} }}'


def _evaluated(packages: dict[str, list[str]], query: Callable[[dict[str, Any]], str]) -> Finds:
    engine = import_module("regorus").Engine()
    for name, clauses in packages.items():
        engine.add_policy(f"{name}.rego", "\n".join([f"package {name}", *clauses, ""]))

    def finds(facts: dict[str, Any]) -> frozenset[str]:
        engine.set_input(facts)
        return frozenset(engine.eval_rule(query(facts)))

    return finds


_BY_HAND: Final = """package indexed
holds contains rule.code if {
    some rule in data.rules[input.category]
    bits.and(input.area_bits, rule.area_bits) != 0
    every limit in rule.limits { input[limit[0]] >= limit[1]; input[limit[0]] <= limit[2] }
}
"""


def _regorus_indexed(rules: Sequence[Rule]) -> Finds:
    """Rules as data, looked up by category inside one policy."""
    engine = import_module("regorus").Engine()
    engine.add_policy("indexed.rego", _BY_HAND)
    by_category: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        found = by_category.setdefault(rule.when.category[0], [])
        bits = _area_bits(rule.when.area) or _NO_CONDITION
        found.append({"code": rule.code, "limits": list(_conditions(rule)), "area_bits": bits})
    engine.add_data_json(json.dumps({"rules": by_category}))

    def finds(facts: dict[str, Any]) -> frozenset[str]:
        engine.set_input(facts)
        return frozenset(engine.eval_rule("data.indexed.holds"))

    return finds
