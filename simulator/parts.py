"""The simulator's parts, put together once and handed to what answers requests."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from stripe_flows.engine.stripe.catalog import Catalog, stripe_catalog
from stripe_flows.simulator.effects import Effects
from stripe_flows.simulator.faults import Faults
from stripe_flows.simulator.idempotency import SavedAnswers
from stripe_flows.simulator.ledger import Ledger
from stripe_flows.simulator.resources.customers import seed
from stripe_flows.simulator.router import Router
from stripe_flows.simulator.state import NoState, State
from stripe_flows.simulator.store import Store
from stripe_flows.simulator.world import World
from stripe_flows.simulator.worlds import Worlds


@dataclass(frozen=True)
class Parts:
    """All that one simulated Stripe consists of."""

    catalog: Catalog
    router: Router
    state: State
    worlds: Worlds
    answers: SavedAnswers
    faults: Faults
    ledger: Ledger
    effects: Effects
    seeded: tuple[str, ...]

    @property
    def world(self) -> World:
        """The platform's own account."""
        return self.worlds.platform

    @property
    def store(self) -> Store:
        """The platform's own objects."""
        return self.worlds.platform.store

    def reset(self) -> None:
        """As at the first start: nothing but the seeded customers."""
        for part in (self.state, self.worlds, self.answers, self.faults, self.ledger, self.effects):
            part.clear()
        self.seed_customers()

    def seed_customers(self) -> None:
        for key in self.seeded:
            seed(self.world, key)
        self.worlds.commit()
        self.state.commit()


def make_parts(state: State | None = None, *, customers: Iterable[str] = ()) -> Parts:
    """A simulated Stripe with what `state` remembers (default: nothing), and these customers."""
    catalog = stripe_catalog()
    state = state or NoState()
    router = Router(catalog)
    parts = Parts(
        catalog=catalog,
        router=router,
        state=state,
        worlds=Worlds(state, time.time, catalog.api_version),
        answers=SavedAnswers(state, time.time),
        faults=Faults(router),
        ledger=Ledger(),
        effects=Effects(state),
        seeded=tuple(customers),
    )
    parts.seed_customers()
    return parts
