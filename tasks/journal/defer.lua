-- DEFER: put an item off; only the lease's holder may.
-- KEYS: run.  ARGV: run, item, token, delay_ms, unsure, burns, held, line, keep_ms, tomb_ms, unsent
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item)
if not x then return {'closed'} end
if x.s ~= 'B' or x.tok ~= ARGV[3] then return {'stale'} end
x.s, x.tok = 'D', ''
if ARGV[5] == '1' then x.unsure = 1 end
x.burned = x.burned + tonumber(ARGV[6])
if ARGV[7] == '1' then count_held(run_key, x) end
-- Nothing went out, now or before: so it has not been sent for the first time either.
if ARGV[11] == '1' and x.burned == 0 and tonumber(x.unsure) == 0 then x.first, x.keys = 0, '' end
save(run_key, item, x)
redis.call('ZADD', P .. 'due', now + tonumber(ARGV[4]), member(run, item))
record(run, ARGV[8])
settle(run_key, run, ARGV[9], ARGV[10])
return {'ok'}
