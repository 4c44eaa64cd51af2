"""Packages and modules that are imported, but whose code runs only when something of it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import _bootstrap, import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

Early = Mapping[str, Mapping[str, str]]  # for each one, what is there before: the name, and `module:name` of it
OF_EVERY_MODULE = "__"  # names that begin so are asked for by tools that look at all modules, and run nothing
BUT = ("__path__", "__version__", "__all__")

_running: set[str] = set()


@contextmanager
def deferred(packages: Early, whole: Sequence[str] = ()) -> Iterator[None]:
    """While it lasts, imports of these packages are put off: each runs when an attribute is asked for that it lacks.

    Modules in them are imported alone; not those in packages named in `whole`, which run first. After the block that
    is so for all of them, and the outermost package runs before those in it: nothing then happens in an order that a
    plain import would not have. What was imported before is left alone.

    A name that is to be there before, and is of the package or module itself, is a stand-in: calling it, or asking for
    something of it, runs what was put off.
    """
    finder = _Finder(packages, whole)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in packages:
            if type(module := sys.modules.get(name)) is _Deferred:
                _hide_path(module)


class _Deferred(ModuleType):
    """A package that has not run yet; then it is a module like any other."""

    def __getattr__(self, name: str) -> object:
        is_package = self.__spec__ is None or self.__spec__.submodule_search_locations is not None
        if name.startswith(OF_EVERY_MODULE) and (name not in BUT or (name == BUT[0] and not is_package)):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        _run_now(self.__name__)
        return ModuleType.__getattribute__(self, name)


class _StandIn:
    """A class or function of a module that has not run yet."""

    def __init__(self, module: str, name: str) -> None:
        self._place = module, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._real()(*arguments, **named)

    def _real(self) -> Any:
        module, name = self._place
        _run_now(module)
        return vars(sys.modules[module])[name]


def _run_now(name: str) -> None:
    """Run the module, if it waits, after the outermost package that it is in.

    Another thread that wants it waits by Python's own lock of the module: Python sees when two threads would wait for
    each other for ever, and the one that is told goes on with what is there, as in any import.
    """
    for each in dict.fromkeys((name.partition(".")[0], name)):
        with suppress(_bootstrap._DeadlockError), _bootstrap._ModuleLockManager(each):  # type: ignore[attr-defined]
            module = sys.modules[each]
            if type(module) is _Deferred and each not in _running:
                _run(module)


def _run(module: ModuleType) -> None:
    spec = module.__spec__
    assert spec is not None  # noqa: S101  # it was imported by one
    assert spec.loader is not None  # noqa: S101  # as above
    _running.add(spec.name)
    try:
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        spec.loader.exec_module(module)
    finally:
        _running.remove(spec.name)
    module.__class__ = ModuleType


def _hide_path(module: ModuleType) -> None:
    """Whoever looks for a module in the package asks for this, and so runs it."""
    if "__path__" in vars(module):
        del module.__path__


class _Finder(MetaPathFinder):
    """Finds the packages as Python does, and lets them wait."""

    def __init__(self, packages: Early, whole: Sequence[str]) -> None:
        self._early = dict(packages) | {name: {} for name in whole}
        self._whole = whole

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in self._early else None
        if spec and spec.loader:
            spec.loader = _Waits(spec.loader, self._early[name], name in self._whole)
        return spec


class _Waits(Loader):
    """Makes the module, and leaves it to the package's own loader to run it."""

    def __init__(self, loader: Loader, early: Mapping[str, str], whole: bool) -> None:
        self._loader = loader
        self._early = early
        self._whole = whole

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = _Deferred(spec.name)
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations  # else Python would ask for it, and run the package
        return module

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None  # noqa: S101  # Python has just set it
        module.__spec__.loader = module.__loader__ = self._loader
        for name, home in self._early.items():
            place, _, original = home.partition(":")
            own = place == module.__name__
            setattr(module, name, _StandIn(place, original) if own else getattr(import_module(place), original))
        if self._whole:
            _hide_path(module)
