"""The environment of the local stack: nothing of the user's own points it elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_flows.local.environment import clean_environment
from stripe_flows.local.stack import Stack


@pytest.fixture(autouse=True)
def users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which another deployment is set up."""
    monkeypatch.setenv("PATH_OF_MINE", "kept")
    for name in (
        "STRIPE_SECRET_KEY",
        "STRIPE_API_BASE",
        "STRIPE_FLOWS_ALLOW_LIVE",
        "CELERY_BROKER_URL",
        "STRIPE_FLOWS_BROKER_URL",
        "CELERY_RESULT_BACKEND",
        "REDIS_URL",
        "FLOWER_BASIC_AUTH",
    ):
        monkeypatch.setenv(name, "elsewhere")


def test_what_names_another_deployment_is_dropped_and_the_rest_is_kept(tmp_path: Path) -> None:
    env = Stack(tmp_path, flows_dir=tmp_path).env
    assert "elsewhere" not in env.values()
    assert env["PATH_OF_MINE"] == "kept"
    assert env["STRIPE_SECRET_KEY"].startswith("sk_test_")
    for name in ("STRIPE_FLOWS_BROKER_URL", "REDIS_URL", "STRIPE_API_BASE"):
        assert "//127.0.0.1:" in env[name]
    assert "CELERY_BROKER_URL" not in env, "it is the user's own"


def test_to_stripe_itself_goes_only_the_key_that_was_passed_on_purpose(tmp_path: Path) -> None:
    env = Stack(tmp_path, flows_dir=tmp_path, stripe_key="sk_test_mine").env
    assert env["STRIPE_SECRET_KEY"] == "sk_test_mine"
    assert "STRIPE_API_BASE" not in env


def test_what_is_given_on_purpose_wins(tmp_path: Path) -> None:
    extra = {"STRIPE_FLOWS_GRACE": "2", "REDIS_URL": "redis://127.0.0.1:7/0"}
    env = Stack(tmp_path, flows_dir=tmp_path, extra_env=extra).env
    assert extra.items() <= env.items()


def test_the_seal_key_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    first, second = (Stack(tmp_path, flows_dir=tmp_path).env for _ in range(2))
    assert first["STRIPE_FLOWS_SEAL_KEYS"] == second["STRIPE_FLOWS_SEAL_KEYS"]
    assert (tmp_path / "seal.key").stat().st_mode & 0o077 == 0


def test_cleaning_leaves_no_key_of_stripes() -> None:
    assert clean_environment({"STRIPE_OTHER_KEY": "sk_test_1", "HOME": "/h"}) == {"HOME": "/h"}
