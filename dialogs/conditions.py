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

CALL_FIELDS = ("language", "line", "caller")


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
    """(variables, fields read from `call`) that the condition uses. Raises ConditionFailed when it does not compile."""
    tree, _ = _program(expression)
    variables = {str(node.children[0]) for node in tree.find_data("ident")}
    call_fields: set[str] = set()
    for node in tree.find_data("member_dot"):
        owner, name = node.children
        if isinstance(owner, lark.Tree) and [str(i.children[0]) for i in owner.find_data("ident")] == ["call"]:
            call_fields.add(str(name))
    return variables, call_fields


def holds(expression: str, slots: Mapping[str, str | int | bool | None], call: Mapping[str, str]) -> bool:
    """Whether the condition is true. slots that are not filled are None (CEL `null`).

    Raises ConditionFailed, for instance when it compares a number with a text.
    """
    _, program = _program(expression)
    activation = {name: json_to_cel(value) for name, value in slots.items()}
    activation["call"] = json_to_cel(dict(call))
    try:
        result = program.evaluate(activation)
    except CELEvalError as error:
        raise ConditionFailed(
            f"{expression!r} could not be decided: {error.args[0] if error.args else error}"
        ) from error
    if not isinstance(result, celtypes.BoolType):
        raise ConditionFailed(f"{expression!r} gave {result!r} instead of true or false")
    return bool(result)
