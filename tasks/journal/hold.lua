-- HOLD: stop sending a call, until a late saved answer or a person settles it. Only the lease's holder
-- may.
-- KEYS: run.  ARGV: run_id, item_id, token, line, keep_ms, tomb_ms
local run_key, run_id, item_id = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item_id)
if not x then return {'closed'} end
if x.state ~= 'B' or x.token ~= ARGV[3] then return {'stale'} end
x.state, x.token, x.unsure = 'H', '', 1
count_held(run_key, x)
save(run_key, item_id, x)
redis.call('ZREM', P .. 'due', member(run_id, item_id))
record(run_id, ARGV[4])
settle(run_key, run_id, ARGV[5], ARGV[6])
return {'ok'}
