"""The platform's account and its connected ones: each has objects and events of its own.

A request names a connected account by `Stripe-Account` (Stripe's document "Making API calls for
connected accounts"). One that was not made here is taken as there, since flows begin with accounts
that exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from stripe_flows.simulator.events import Events
from stripe_flows.simulator.problems import account_invalid
from stripe_flows.simulator.state import State
from stripe_flows.simulator.store import Store
from stripe_flows.simulator.world import World


class Worlds:
    """Worlds by account. `now` gives seconds since 1970."""

    def __init__(self, state: State, now: Callable[[], float], api_version: str) -> None:
        self._state = state
        self._now = now
        self._api_version = api_version
        self._connected: dict[str, World] = {}
        self.platform = World(Store(state), Events(state, api_version), now)
        self.platform.connected = self._known
        for resource, key, body in state.objects():
            account, _, resource = resource.rpartition(":")
            self._known(account or None).store.load(resource, key, body)
        for row in state.events():
            self._known(row[-1]).events.load(row)

    def of(self, account: str | None) -> World:
        """The world of a connected account, None for the platform. Raises `Problem` (403)."""
        if account is not None and not account.startswith("acct_"):
            raise account_invalid(account)
        return self._known(account)

    def _known(self, account: str | None) -> World:
        if account in (None, self.platform.account_id):
            return self.platform
        found = self._connected.get(account)
        if found is None:
            found = self._connected[account] = World(
                Store(self._state, f"{account}:"),
                Events(self._state, self._api_version, account),
                self._now,
                account,
                self.platform,
            )
        return found

    def commit(self) -> None:
        for world in (self.platform, *self._connected.values()):
            world.commit()

    def drop(self) -> None:
        for world in (self.platform, *self._connected.values()):
            world.drop()

    def counts(self) -> dict[str, int]:
        """How many objects there are, by resource, in all accounts."""
        counts = Counter(self.platform.store.counts())
        for world in self._connected.values():
            counts.update(world.store.counts())
        return dict(counts)

    def clear(self) -> None:
        self._connected.clear()
        self.platform.store.clear()
        self.platform.events.clear()
