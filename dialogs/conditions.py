"""Conditions of `if:` steps: CEL (cel.dev), compiled when the flowbook is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import celpy
import lark
from celpy import celtypes
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError


class ConditionFailed(Exception):
    """The condition cannot be compiled, or gave no true or false; the message says why."""


@lru_cache(maxsize=1024)
def _program(expression: str) -> tuple[lark.Tree[Any], Any]:
    environment = celpy.Environment()
    try:
        tree = environment.compile(expression)
        return tree, environment.program(tree)
    except CELParseError as error:
        raise ConditionFailed(f"{expression!r} is not a CEL condition: {' '.join(str(error).split())}") from error


def names_in(expression: str) -> tuple[set[str], set[str]]:
    """(variables, the paths below `call` and `contact` such as "call.line") that an expression uses.

    Raises ConditionFailed when it does not compile.
    """
    tree, _ = _program(expression)
    variables = {str(node.children[0]) for node in tree.find_data("ident")}
    paths: set[str] = set()
    for node in tree.find_data("member_dot"):
        owner, name = node.children
        if isinstance(owner, lark.Tree) and (named := [str(i.children[0]) for i in owner.find_data("ident")]):
            inner = [str(i.children[1]) for i in owner.find_data("member_dot")]
            if named in (["call"], ["contact"]):
                paths.add(".".join([*named, *reversed(inner), str(name)]))
    return variables, paths


def holds(expression: str, facts: Mapping[str, Any]) -> bool:
    """Whether the condition is true of `facts` (`dialogs.facts`); what is not known is None, CEL's `null`.

    Raises ConditionFailed, for instance when it compares a number with a text.
    """
    result = _result(expression, facts)
    if not isinstance(result, celtypes.BoolType):
        raise ConditionFailed(f"{expression!r} gave {result!r} instead of true or false")
    return bool(result)


def value_of(expression: str, facts: Mapping[str, Any]) -> str | int | bool | None:
    """What the expression gives: a text, whole number, true or false, or null. Raises ConditionFailed for all else."""
    result = _result(expression, facts)
    match result:
        case None:
            return None
        case celtypes.BoolType():
            return bool(result)
        case celtypes.StringType():
            return str(result)
        case celtypes.IntType() | celtypes.UintType():
            return int(result)
        case celtypes.DoubleType():
            return int(result) if float(result).is_integer() else str(float(result))
    raise ConditionFailed(f"{expression!r} gave {type(result).__name__}, which no slot can hold")


def _result(expression: str, facts: Mapping[str, Any]) -> Any:
    _, program = _program(expression)
    activation = {name: json_to_cel(value) for name, value in facts.items()}
    try:
        return program.evaluate(activation)
    except CELEvalError as error:
        raise ConditionFailed(
            f"{expression!r} could not be decided: {error.args[0] if error.args else error}"
        ) from error
