"""Products of few rows, in tiles: sums that stay in registers together, so that a number that is read serves several.

Their sizes were tried on a core with 16 vector registers. The text of a tile is written out from its size, for LLVM
keeps in registers only what has a name; then it computes along the rows with vectors.
"""

from __future__ import annotations

from typing import Any

from numba import njit

FAST = {
    "fastmath": {"reassoc", "contract", "nsz"},
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
EXAMPLES, UNITS = 5, 2  # of a tile of dot products
OUTPUTS, TERMS = 3, 5  # of a tile of sums of rows


def _compiled(lines: list[str]) -> Any:
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)  # noqa: S102  # written below
    return njit(**FAST)(scope["tile"])


def _dot_tile(examples: int, units: int) -> Any:
    """z[i, j] = a[i] . w[j] + b[j] of so many examples and units, from i and j on."""
    e, u = range(examples), range(units)
    return _compiled(
        [
            "def tile(a, w, b, z, i, j):",
            *(f"    a{k} = a[i + {k}]" for k in e),
            *(f"    w{n} = w[j + {n}]" for n in u),
            *(f"    s{k}_{n} = b[j + {n}]" for k in e for n in u),
            "    for x in range(a.shape[1]):",
            *(f"        s{k}_{n} += a{k}[x] * w{n}[x]" for k in e for n in u),
            *(f"    z[i + {k}, j + {n}] = s{k}_{n}" for k in e for n in u),
        ]
    )


def _sum_tile(outputs: int, terms: int) -> Any:
    """c[i] += left[i, t] right[t] of so many outputs and terms, from i and t on."""
    o, t = range(outputs), range(terms)
    return _compiled(
        [
            "def tile(left, right, c, i, t):",
            *(f"    c{k} = c[i + {k}]" for k in o),
            *(f"    r{n} = right[t + {n}]" for n in t),
            *(f"    l{k}_{n} = left[i + {k}, t + {n}]" for k in o for n in t),
            "    for x in range(c.shape[1]):",
            *(f"        c{k}[x] += {' + '.join(f'l{k}_{n} * r{n}[x]' for n in t)}" for k in o),
        ]
    )


_dots, _dot = _dot_tile(EXAMPLES, UNITS), _dot_tile(1, 1)
_sums, _sum = _sum_tile(OUTPUTS, TERMS), _sum_tile(1, 1)


@njit(**FAST)
def dot_products(a: Any, w: Any, b: Any, z: Any) -> None:
    """Write a @ w.T + b into z, for a `(m, x)`, w `(y, x)`, b `(y,)` and z `(m, y)`."""
    m, y = z.shape
    examples, units = m - m % EXAMPLES, y - y % UNITS
    for j in range(0, units, UNITS):
        for i in range(0, examples, EXAMPLES):
            _dots(a, w, b, z, i, j)
    for j in range(y):
        for i in range(examples if j < units else 0, m):
            _dot(a, w, b, z, i, j)


@njit(**FAST)
def add_product(left: Any, right: Any, c: Any) -> None:
    """Add left @ right to c, for left `(y, m)`, right `(m, x)` and c `(y, x)`."""
    y, m = left.shape
    outputs, terms = y - y % OUTPUTS, m - m % TERMS
    for i in range(0, outputs, OUTPUTS):
        for t in range(0, terms, TERMS):
            _sums(left, right, c, i, t)
    for i in range(y):
        for t in range(terms if i < outputs else 0, m):
            _sum(left, right, c, i, t)
