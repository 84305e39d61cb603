"""The store: staged objects are copies, and removed notes leave no place behind."""

from __future__ import annotations

from stripe_flows.simulator.objects.state import NoState
from stripe_flows.simulator.objects.store import ObjectStore


def test_a_staged_object_is_changed_by_a_put_alone() -> None:
    store = ObjectStore(NoState())
    store.put("customer", {"id": "cus_1", "metadata": {"a": "1"}, "rows": [{"n": 1}]})
    found = store.get("customer", "cus_1")
    assert found is not None
    found["metadata"]["a"] = "2"
    found["rows"][0]["n"] = 2
    again = store.get("customer", "cus_1")
    assert again == {"id": "cus_1", "metadata": {"a": "1"}, "rows": [{"n": 1}]}


def test_notes_that_are_forgotten_take_no_place_and_objects_keep_theirs() -> None:
    store = ObjectStore(NoState())
    for shelf in ("_notes", "customer"):
        for number in range(100):
            store.put(shelf, {"id": f"{shelf}_{number}"})
        store.commit()
        for number in range(100):
            if number % 50:
                store.remove(shelf, f"{shelf}_{number}")
        store.commit()
        left = [one["id"] for one in store.all(shelf)]
        assert left == [f"{shelf}_0", f"{shelf}_50"]
    assert len(store._shelves["_notes"].order) < 25
    # A page may still be asked for from where a deleted customer was.
    older = [one["id"] for one in store.newest_first("customer", "customer_60")]
    assert older == ["customer_50", "customer_0"]
