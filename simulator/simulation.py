"""One simulated Stripe: its parts, created together and passed to whatever answers requests."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

from stripe_flows.engine.stripe.catalog import Catalog, stripe_catalog
from stripe_flows.simulator.objects.ids import seed_ids
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
    """The parts of one simulated Stripe. `customers`: ids of the customers that exist from the
    start; `seed`: makes ids and the draws of faults repeatable, None for random ids."""

    catalog: Catalog
    router: Router
    state: State
    worlds: Worlds
    answers: SavedAnswers
    faults: Faults
    ledger: Ledger
    effects: Effects
    customers: tuple[str, ...]
    seed: int | None = None

    @property
    def world(self) -> World:
        """The platform's own account."""
        return self.worlds.platform

    @property
    def store(self) -> ObjectStore:
        """The platform's own objects."""
        return self.worlds.platform.store

    def begin(self) -> None:
        """Start the seeded draws and create the customers that do not exist yet."""
        if self.seed is not None:
            # Kept ids are part of the seed: a restart must not draw the id of a kept object.
            seed_ids(f"{self.seed}{_kept_ids(self.state)}")
            self.faults.seed(self.seed)
        for customer in self.customers:
            seed(self.world, customer)
        self.worlds.commit()
        self.state.commit()

    def reset(self) -> None:
        """Return to the first start: no objects except the seeded customers."""
        for part in (self.state, self.worlds, self.answers, self.faults, self.ledger, self.effects):
            part.clear()
        self.begin()


def make_simulation(
    state: State | None = None, *, customers: Iterable[str] = (), seed: int | None = None
) -> Simulation:
    """Return a simulated Stripe with the contents of `state` (default: empty) and these customers."""
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
        customers=tuple(customers),
        seed=seed,
    )
    simulation.begin()
    return simulation


def _kept_ids(state: State) -> str:
    """Return a digest of all kept ids, empty for an empty state."""
    kept = [*(row[:2] for row in state.objects()), *(row[0] for row in state.events())]
    return hashlib.sha256(repr(kept).encode()).hexdigest() if kept else ""
