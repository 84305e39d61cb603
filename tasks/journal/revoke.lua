-- REVOKE: the hint of an attempt that had not begun was discarded, for somebody revoked its task. The
-- step is put off. Its next attempt has a number of its own, and so a task id that is not revoked.
-- Nothing was sent, so neither `unsure` nor the attempts that count change.
-- KEYS: run.  ARGV: run, item, attempt, kind, name, delay_ms, line
local run_key, run, item, attempt = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local x = item_of(run_key, item)
if not x then return {'closed'} end
if x.kind ~= ARGV[4] or x.name ~= ARGV[5] then return {'wrong kind'} end
if x.s ~= 'R' or x.n + 1 ~= attempt then return {'late'} end -- it has begun, or its turn is over
x.s, x.n = 'D', attempt
save(run_key, item, x)
redis.call('ZREM', sent_key(x.queue), member(run, item))
redis.call('ZADD', P .. 'due', now + tonumber(ARGV[6]), member(run, item))
record(run, ARGV[7])
return {'ok'}
