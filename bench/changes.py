"""Small changes to a module, one at a time: what somebody may get wrong in writing it."""

import ast
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_PAIRS = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.Break, ast.Continue)),
)
_OTHER: dict[type, Any] = {one: two for pair in _PAIRS for one, two in (pair, pair[::-1])}
#: The other of these says the contrary already.
_CONTRARY = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
_LEFT_ALONE = ("annotation", "returns", "decorator_list", "bases", "op", "ops", "ctx")


class Change(NamedTuple):
    """One change."""

    #: Where its statement begins, and where it is itself.
    lines: tuple[int, int]
    words: str
    #: Carries it out in the module's tree.
    apply: Callable[[], object]


def changes(node: ast.AST, line: int = 0, *, in_function: bool = False) -> Iterator[Change]:
    """Yield all changes to a module; annotations, docstrings, decorators and assertions stay as they are."""
    for name, value in ast.iter_fields(node):
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if name in _LEFT_ALONE or not isinstance(child, ast.AST) or _stays(child):
                continue
            here = child.lineno if isinstance(child, ast.stmt) else line
            for new in _changes(child, is_test=name in ("test", "ifs"), in_function=in_function):
                apply = _exchange(node, name, place if isinstance(value, list) else None, new)
                yield Change((here, getattr(child, "lineno", here)), f"{_told(child)}  →  {_told(new)}", apply)
            yield from changes(child, here, in_function=in_function or isinstance(child, ast.FunctionDef))


def _stays(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _changes(node: ast.AST, *, is_test: bool, in_function: bool) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _OTHER:
            yield ast.Compare(node.left, [_OTHER[type(op)]()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(_OTHER[type(node.op)](), node.values)
        case ast.BinOp() if type(node.op) in _OTHER:
            yield ast.BinOp(node.left, _OTHER[type(node.op)](), node.right)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.Constant(value=bool() | int() | float() | str() | bytes()):
            yield ast.Constant(_another(node.value))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant) or value.value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Break() | ast.Continue():
            yield _OTHER[type(node)]()
        case ast.Expr(value=ast.Call()) | ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Raise() if in_function:
            yield ast.Pass()
    if (
        is_test
        and isinstance(node, ast.expr)
        and not (isinstance(node, ast.Compare) and type(node.ops[0]) in _CONTRARY)
    ):
        yield ast.UnaryOp(ast.Not(), node)


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return b"XX" + value if isinstance(value, bytes) else f"XX{value}"


def _told(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0][:90]


def _exchange(parent: ast.AST, name: str, place: int | None, new: ast.AST) -> Callable[[], object]:
    if place is None:
        return lambda: setattr(parent, name, new)
    return lambda: getattr(parent, name).__setitem__(place, new)
