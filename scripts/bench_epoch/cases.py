"""What is measured: networks, how they are trained, who trains them, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass

from bench_aim import Aim

LIBRARIES = ("jax", "torch", "compiled torch", "keras")


@dataclass(frozen=True)
class Target:
    """A ratio of two seconds and what it is to be."""

    above: str
    below: str
    aim: Aim

    def verdict(self, seconds: dict[str, float]) -> str:
        """The target, and whether it is reached; `not measured` if a rival is missing."""
        words = f"{self.above}/{self.below} {self.aim}"
        if not {self.above, self.below} <= seconds.keys():
            return f"{words} not measured"
        return f"{words} {self.aim.verdict(seconds[self.above] / seconds[self.below])}"


@dataclass(frozen=True)
class Case:
    """A network, the size of its mini-batches, its other settings, and who trains it beside us.

    settings: as on the command line. note: what is special about them.
    """

    sizes: tuple[int, ...]
    m: int
    rivals: tuple[str, ...]
    targets: tuple[Target, ...]
    settings: tuple[str, ...] = ("eta=0.5",)
    note: str = ""

    @property
    def name(self) -> str:
        """As `--only` takes it: 784-100-10@10, 784-100-10@10+adam."""
        return f"{'-'.join(map(str, self.sizes))}@{self.m}{'+' if self.note else ''}{self.note}"

    @property
    def words(self) -> tuple[str, ...]:
        """All settings, as on the command line."""
        return (f"sizes=[{','.join(map(str, self.sizes))}]", f"mini_batch_size={self.m}", *self.settings)


def _than_jax(bound: float) -> Target:
    return Target("ours", "jax", Aim("<=", bound))


THAN_ARTICLE = Target("article", "ours", Aim(">=", 25))

CASES = [
    Case((784, 30, 10), 10, ("article", *LIBRARIES), (_than_jax(0.60), THAN_ARTICLE)),
    Case((784, 100, 10), 10, ("article", *LIBRARIES), (_than_jax(0.70), THAN_ARTICLE)),
    Case((784, 100, 10), 40, LIBRARIES, (_than_jax(0.85),)),
    Case((784, 512, 512, 10), 125, LIBRARIES, (_than_jax(1.05),)),
    *(
        Case((784, 100, 10), 10, ("jax",), (_than_jax(0.9),), settings, note)
        for note, settings in {
            "tanh": ("eta=0.1", "activation=tanh"),
            "relu-cross_entropy": ("eta=0.05", "activation=relu", "cost=cross_entropy"),
            "momentum": ("eta=0.05", "optimiser=momentum", "optimiser.momentum=0.9"),
            "adam": ("eta=0.001", "optimiser=adam"),
        }.items()
    ),
    # scikit-learn's classifier has a softmax and no other cost, so it is compared where ours has them, too
    Case((784, 100, 10), 10, ("sklearn", "jax"), (), ("eta=0.1", "cost=log_likelihood"), "log_likelihood"),
]
