"""The simulator's parts, put together once and handed to what answers requests."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from stripe_flows.engine.stripe.catalog import Catalog, stripe_catalog
from stripe_flows.simulator.objects.state import NoState, State
from stripe_flows.simulator.objects.store import ObjectStore
from stripe_flows.simulator.objects.world import World, Worlds
from stripe_flows.simulator.payments.customers import seed
from stripe_flows.simulator.requests.effects import Effects
from stripe_flows.simulator.requests.faults import Faults
from stripe_flows.simulator.requests.idempotency import SavedAnswers
from stripe_flows.simulator.requests.ledger import Ledger
from stripe_flows.simulator.requests.router import Router


@dataclass(frozen=True)
class Simulation:
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
    def store(self) -> ObjectStore:
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


def make_simulation(state: State | None = None, *, customers: Iterable[str] = ()) -> Simulation:
    """A simulated Stripe with what `state` remembers (default: nothing), and these customers."""
    catalog = stripe_catalog()
    state = state or NoState()
    router = Router(catalog)
    simulation = Simulation(
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
    simulation.seed_customers()
    return simulation
