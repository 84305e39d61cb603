"""Connected accounts: created, sent to Stripe's onboarding, and enabled after it.

Source: Stripe's documents "Using Connect with Express connected accounts" and "Handle verification
updates". An account whose requirements Stripe collects begins with nothing enabled. An account
whose requirements the platform collects (Custom) counts as complete.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import account_invalid
from stripe_flows.simulator.types import Fields

LINK_SECONDS = 300

_DUE = (
    "business_profile.mcc",
    "business_profile.url",
    "business_type",
    "external_account",
    "representative.dob.day",
    "representative.dob.month",
    "representative.dob.year",
    "representative.email",
    "representative.first_name",
    "representative.last_name",
    "tos_acceptance.date",
    "tos_acceptance.ip",
)
_LISTS = ("currently_due", "eventually_due", "past_due")
_ENABLED = ("charges_enabled", "details_submitted", "payouts_enabled")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("account")
    world.apply(made, params)
    made["type"] = params.get("type", "none" if params.get("controller") else "standard")
    made["requirements"] |= {name: [] for name in _LISTS}
    if _stripe_collects(params):
        made |= dict.fromkeys(_ENABLED, False)
        made["requirements"] |= {name: list(_DUE) for name in _LISTS}
        made["requirements"]["disabled_reason"] = "requirements.past_due"
    made["capabilities"] = {}
    _request(made, params)
    made["external_accounts"]["url"] = f"/v1/accounts/{made['id']}/external_accounts"
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _known(world, ids[0])
    world.apply(found, {k: v for k, v in params.items() if k != "capabilities"})
    _request(found, params)
    return world.put(found)


def retrieve(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if ids[0] == world.account_id:
        return own(world, params, ids)
    return _known(world, ids[0])


def own(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Return the account of the key, or the connected account that the request names."""
    account_id = world.account_id
    found = (world.platform or world).store.get("account", account_id)
    if found is None:
        found = world.new("account") | {"id": account_id}
        found["business_profile"]["name"] = "Simulator"
    return found


def complete(world: World, account_id: str) -> Fields:
    """Complete the onboarding of an account. Raise `Problem` (403)."""
    found = _known(world, account_id)
    found |= dict.fromkeys(_ENABLED, True)
    found["requirements"] |= {name: [] for name in _LISTS} | {"disabled_reason": None}
    found["capabilities"] = dict.fromkeys(found["capabilities"], "active")
    return world.put(found)


def link(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Create a link to Stripe's onboarding page, valid for some minutes."""
    made = world.new("account_link")
    made["expires_at"] = int(world.now()) + LINK_SECONDS
    made["url"] = f"https://connect.stripe.com/setup/e/{params['account']}/{new_id('', 12)}"
    return made


def _stripe_collects(params: Fields) -> bool:
    controller = params.get("controller") or {}
    collector = controller.get("requirement_collection", "stripe")
    return params.get("type") != "custom" and collector == "stripe"


def _request(account: Fields, params: Fields) -> None:
    status = "active" if account["details_submitted"] else "inactive"
    for name, one in (params.get("capabilities") or {}).items():
        if (one or {}).get("requested"):
            account["capabilities"].setdefault(name, status)
        elif (one or {}).get("requested") is False:
            account["capabilities"].pop(name, None)


def _known(world: World, account_id: str) -> Fields:
    found = world.store.get("account", account_id)
    if found is None or found.get("deleted"):
        raise account_invalid(account_id)
    return found


HANDLERS: Handlers = MappingProxyType(
    {
        "GET /v1/account": own,
        "GET /v1/accounts/{account}": retrieve,
        "POST /v1/accounts": create,
        "POST /v1/accounts/{account}": update,
        "POST /v1/account_links": link,
    }
)
