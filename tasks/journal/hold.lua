-- HOLD: set a call aside until Stripe, the reconciler or a person settles it; only the lease's holder may.
-- KEYS: run.  ARGV: run, item, token, line, keep_ms, tomb_ms
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item)
if not x then return {'closed'} end
if x.s ~= 'B' or x.tok ~= ARGV[3] then return {'stale'} end
x.s, x.tok, x.unsure = 'H', '', 1
count_held(run_key, x)
save(run_key, item, x)
redis.call('ZREM', P .. 'due', member(run, item))
record(run, ARGV[4])
settle(run_key, run, ARGV[5], ARGV[6])
return {'ok'}
