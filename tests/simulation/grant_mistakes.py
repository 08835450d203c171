"""Keepers of grants with one mistake each; the schedules must find every one of them."""

from app.bench.grants_play import MakeKeeper, keeper
from app.bench.grants_world import Issuer, Process, Topic
from streams.domain.grant import RefreshAsked, Sealed
from streams.ports_grants import Kept, Renewal
from streams.steps.keep_grants import KeepGrants


def impatient(process: Process) -> KeepGrants:
    """It tries at once what another may be trading in."""
    made = keeper(process)
    made.settle = 0.0
    return made


class _SaysNothing(KeepGrants):
    async def _owned(self, current: Sealed, message: RefreshAsked) -> Renewal | None:
        spends = self.issuer.spends(current)
        return spends if isinstance(spends, Kept) else await self._traded(current, message)


def says_nothing(process: Process) -> KeepGrants:
    """It trades without having said so."""
    return _SaysNothing(
        grants=Topic(process), issuer=Issuer(process), owner=f"keeper {process.number}", fence=process.fence
    )


class _Believes(Topic):
    async def put(self, sealed: Sealed) -> bool:
        await super().put(sealed)
        return True


def believes(process: Process) -> KeepGrants:
    """It takes what it has written for what counts."""
    made = keeper(process)
    made.grants = _Believes(process)
    return made


class _Overwrites(Topic):
    def reaching(self, sealed: Sealed) -> Sealed:
        head = self.process.world.head
        return sealed if head is None else sealed.model_copy(update={"follows": head.mark})


def overwrites(process: Process) -> KeepGrants:
    """It writes behind whatever stands, as if a generation were no fence."""
    made = keeper(process)
    made.grants = _Overwrites(process)
    return made


class _Unfenced(Issuer):
    def fence(self) -> None:
        """Let a process that was frozen go on."""


def unfenced(process: Process) -> KeepGrants:
    """It goes on after a freeze, as a zombie."""
    made = keeper(process)
    made.issuer, made.fence = _Unfenced(process), lambda: None
    return made


MISTAKES: tuple[MakeKeeper, ...] = (impatient, says_nothing, believes, overwrites, unfenced)
