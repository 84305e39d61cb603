"""Break each promise on purpose, to show that its tests fail then.

    python tools/mutants.py [WORD]     all, or those whose promise or file has WORD in it

Each mutant is a small change to a copy of the tree, in which the promise's tests are run. If a mutant
survives, a test asserts less than it says. All of them take some minutes, so `make test` runs only the
protocol's own mutants (tests/model) and checks that each text to change is still there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Mutant:
    """A change to the code that has to make its tests fail: `old` becomes `new` in `file`."""

    promise: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = (
    Mutant(
        "1 a script never waits",
        "tasks/run_flow.py",
        "    budget = services.settings.max_calls\n",
        "    budget = services.settings.max_calls\n"
        "    for child in children:\n"
        "        until = time.monotonic() + 9\n"
        "        services.client.send(child.payload.call, 'x', lambda: 'sk_test_x', until)\n",
        "tests/acceptance/test_api.py -k before_stripe_answers",
    ),
    Mutant(
        "2 a message is a hint",
        "tasks/hint.py",
        '            "at": self.at,\n',
        '            "at": self.at,\n            "params": "all of them",\n',
        "tests/acceptance/test_api_services.py -k holds_a_hint",
    ),
    Mutant(
        "2 a lease expires automatically",
        "tasks/journal/lib.lua",
        "x.state, x.token = 'R', ''",
        "x.token = ''",
        "tests/integration/test_journal_sweep.py -k lapsed_lease",
    ),
    Mutant(
        "3 a script happens whole or not at all",
        "tasks/run_flow.py",
        'Closing(mode="execution", event=event, fails=True)',
        'Closing(mode="execution", event=event)',
        "tests/integration/test_executions.py -k commits_no_call",
    ),
    Mutant(
        "4 identity is derived",
        "engine/identity.py",
        "json.dumps(parts,",
        "json.dumps((*parts, id(object())),",
        "tests/unit/engine/test_identity.py",
    ),
    Mutant(
        "4 a run_id with other input is a mismatch",
        "tasks/input_digests.py",
        "json.dumps([flow, script, worker_id, context_id, params], sort_keys=True)",
        "json.dumps([flow])",
        "tests/acceptance/test_api_input.py -k mismatch",
    ),
    Mutant(
        "4 the key is the call's id through every retry",
        "tasks/call_attempt.py",
        "return self.begun.payload.other_key or self.begun.item_id",
        'return self.begun.payload.other_key or f"{self.begun.item_id}.{self.begun.attempt}"',
        "tests/integration/test_calls.py -k same_key",
    ),
    Mutant(
        "5 nothing is lost",
        "tasks/worker/sweeper.py",
        "        hints = sweep(self._store) + self._left_by_the_dead()\n",
        "        hints = []\n",
        "tests/acceptance/test_storm.py -k threads",
    ),
    Mutant(
        "5 nobody is charged twice",
        "tasks/call_attempt.py",
        "return self.begun.payload.other_key or self.begun.item_id",
        'return self.begun.payload.other_key or f"{self.begun.item_id}.{self.begun.attempt}"',
        "tests/acceptance/test_storm.py -k threads",
    ),
    Mutant(
        "5 done and what follows are one write",
        "tasks/journal/close.lua",
        "local x = item_of(run_key, item_id)\nif not x then return {'closed'} end",
        "local x = item_of(run_key, item_id) or {queue = '', held = '0'}",
        "tests/integration/test_journal_close.py -k once",
    ),
    Mutant(
        "6 a call has exactly one continuation",
        "tasks/journal/close.lua",
        "if not x then return {'closed'} end",
        "x = x or {queue = '', held = '0'}",
        "tests/integration/test_journal_close.py -k exactly_one_continuation",
    ),
    Mutant(
        "6 a refusal proves nothing after a lost answer",
        "tasks/journal/close.lua",
        "if mode == 'unsaved' and (tonumber(x.unsure) == 1 or doubt) then return {'unsure'} end",
        "",
        "tests/integration -k 'proves_nothing or after_a_lost_answer'",
    ),
    Mutant(
        "6 a final 500 runs no error flow",
        "engine/stripe/outcomes.py",
        'should_retry is False):\n        return Hold(_answer(reply, "unknown"))',
        'should_retry is False):\n        return Settled(_answer(reply, "error"))',
        "tests/unit/engine/test_outcomes.py -k final_500",
    ),
    Mutant(
        "6 a time-out may have been executed",
        "tasks/http/client.py",
        "never_left=never_left(error))",
        "never_left=True)",
        "tests/unit/tasks/http/test_client.py -k may_have_been_executed",
    ),
    Mutant(
        "7 what is stored is sealed",
        "tasks/sealing.py",
        "return urlsafe_b64decode(self._fernet.encrypt(data))",
        "return unpacked(data)",
        "tests/integration/test_journal_read.py -k customers_data",
    ),
    Mutant(
        "7 no card number is kept",
        "engine/details.py",
        "bounded(masked_object(call.request))",
        "bounded(call.request)",
        "tests/integration/test_record.py -k no_card",
    ),
    Mutant(
        "7 Stripe's message reaches no log",
        "engine/answer.py",
        'for name in ("code", "decline_code", "param")',
        'for name in ("code", "decline_code", "param", "message")',
        "tests/acceptance/test_planted.py tests/unit/engine",
    ),
    Mutant(
        "7 a script's text reaches no log",
        "tasks/run_flow.py",
        "return Failed(public_reason(error), error.line)",
        "return Failed(str(error), error.line)",
        "tests/acceptance/test_planted.py",
    ),
    Mutant(
        "7 a key in the place of a name is refused",
        "engine/names.py",
        "if isinstance(value, str) and redact(value) != value:",
        "if False:",
        "tests/acceptance/test_api_input.py -k wrong_input",
    ),
    Mutant(
        "6 a rolled key sends to no other account",
        "tasks/send_request.py",
        "if rolled(call.secret, begun.keys, keys) and effect:",
        "if begun.attempt > 1 and rolled(call.secret, begun.keys, keys) and effect:",
        "tests/integration/test_call_keys.py -k rolled",
    ),
    Mutant(
        "6 a refusal in doubt ends as held",
        "tasks/send_request.py",
        "return self._held_and_sent_again(again) if self._is_last(again) else self._again(again)",
        "return self._again(again)",
        "tests/integration/test_calls.py -k proves_nothing",
    ),
    Mutant(
        "8 a script is a guest: its memory is bounded",
        "engine/sandbox/process.py",
        '"max_memory": limits.memory,',
        '"max_memory": 2**33,',
        "tests/unit/engine/test_guest.py",
    ),
    Mutant(
        "8 a script is a guest: it does not sleep",
        "engine/sandbox/process.py",
        '"sleep": "zero",',
        '"sleep": "system",',
        "tests/unit/engine -k sleep",
    ),
    Mutant(
        "9 only JSON is accepted",
        "celeryconfig.py",
        '\naccept_content = ["json"]\n',
        '\naccept_content = ["json", "pickle"]\n',
        "tests/acceptance/test_api_services.py -k pickle",
    ),
    Mutant(
        "10 wrong input is reported at once",
        "engine/names.py",
        '_RUN_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")',
        '_RUN_ID = re.compile(r".{1,1000}")',
        "tests/acceptance/test_api_input.py -k wrong_input",
    ),
    Mutant(
        "11 a run keeps its flows",
        "tasks/journal/begin.lua",
        "if x.kind == 'execution' and (set == false or set == '') then",
        "if x.kind == 'execution' then",
        "tests/integration -k 'pins_the_run or keeps_its_flows'",
    ),
    Mutant(
        "5 a revoked attempt goes on as another task",
        "tasks/journal/revoke.lua",
        "x.state, x.attempts = 'D', attempt",
        "x.state = 'D'",
        "tests/integration/test_journal_revoke.py -k next_attempt",
    ),
    Mutant(
        "2 a hint of another kind than its item",
        "tasks/journal/begin.lua",
        "if x and (x.kind ~= kind or",
        "if x and (false and",
        "tests/integration/test_journal_begin.py -k another_kind",
    ),
    Mutant(
        "6 only an object that fits continues a held call",
        "tasks/object_claim.py",
        "    if made or likeness.differences or left:\n",
        "    if False:\n",
        "tests/integration/test_claims.py -k another_amount",
    ),
    Mutant(
        "11 a retry begins with the flows of that moment",
        "tasks/journal/revive.lua",
        "if ARGV[11] == '1' then",
        "if false then",
        "tests/integration/test_executions.py -k right_after_a_flow_was_mended",
    ),
)


def survives(mutant: Mutant) -> bool:
    """Return whether the tests pass with the promise broken."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(
            ".venv", ".git", ".stripe-flows", "__pycache__", ".*_cache"
        )
        shutil.copytree(ROOT, copy, symlinks=True, ignore=ignored)
        target = copy / mutant.file
        source = target.read_text(encoding="utf-8")
        if source.count(mutant.old) != 1:
            sys.exit(f"{mutant.promise}: {mutant.file} does not have this once\n{mutant.old}")
        target.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
        command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider {mutant.tests}"
        env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, shell=True, cwd=copy, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 1):
            sys.exit(f"{mutant.promise}: the tests did not run\n{done.stdout[-2000:]}")
        return done.returncode == 0


def main() -> int:
    """Print a line per mutant. Return 1 if one survives, else 0."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    survivors = 0
    for mutant in MUTANTS:
        if word not in f"{mutant.promise} {mutant.file}":
            continue
        alive = survives(mutant)
        survivors += alive
        found = "SURVIVED" if alive else "caught  "
        print(f"{found} {mutant.promise} ({mutant.file})", flush=True)
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
