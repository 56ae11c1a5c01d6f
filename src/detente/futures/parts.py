"""How the parts of the event loop are compiled."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numba.core import ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import get_definition, guard
from numba.core.untyped_passes import IRProcessing


@register_pass(mutates_CFG=False, analysis_only=False)
class CountFromZero(FunctionPass):  # pyright: ignore[reportUntypedBaseClass]
    """Every index of an array becomes an unsigned number.

    An index below zero counts from the end in Python.  The event loop has none, and to ask at each
    would take it a tenth of its time.
    """

    _name = "count_from_zero"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> Any:
        """Cast the indices of a function's intermediate code, slices and constants apart."""
        function = state.func_ir
        for block in function.blocks.values():
            body: list[Any] = []
            for statement in block.body:
                value = getattr(statement, "value", None)
                if isinstance(statement, ir.SetItem):
                    statement.index = self._cast(function, body, statement.index)
                elif isinstance(value, ir.Expr) and value.op == "getitem":
                    value.index = self._cast(function, body, value.index)
                body.append(statement)
            block.body = body
        return True

    def _cast(self, function: Any, body: list[Any], index: Any) -> Any:
        """The variable of an index, or of a tuple of them, cast in statements added to a body."""
        made = guard(get_definition, function, index)
        scope, place = index.scope, index.loc
        if isinstance(made, ir.Const) or (
            isinstance(made, ir.Expr)
            and made.op == "call"
            and getattr(guard(get_definition, function, made.func), "value", None) is slice
        ):
            return index
        if isinstance(made, ir.Expr) and made.op == "build_tuple":
            items = [self._cast(function, body, item) for item in made.items]
            new = ir.Expr.build_tuple(items, place)
        else:
            kind = scope.redefine("$unsigned", place)
            body.append(ir.Assign(ir.Global("uintp", np.uintp, place), kind, place))
            function._definitions[kind.name].append(body[-1].value)
            new = ir.Expr.call(kind, [index], (), place)
        cast = scope.redefine("$index", place)
        body.append(ir.Assign(new, cast, place))
        function._definitions[cast.name].append(new)
        return cast


class Compiler(CompilerBase):  # pyright: ignore[reportUntypedBaseClass]
    """Numba's compiler with `CountFromZero`."""

    def define_pipelines(self) -> list[Any]:
        """Passes of the compiler, in order."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(CountFromZero, IRProcessing)
        passes.finalize()
        return [passes]


part: Any = nb.njit(  # pyright: ignore[reportCallIssue]  (its types leave two options out)
    nogil=True,
    forceinline=True,
    error_model="numpy",
    _nrt=False,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
    pipeline_class=Compiler,
)
"""A part of the loop: inlined where it is called, with no reference counts.

Its code lies in the cached loop, and numba looks at the loop's own file to see whether that is
stale: so ``kernel.PARTS`` names the parts' text, and a test says what it must be.
"""
