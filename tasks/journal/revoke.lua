-- REVOKE: put a step off whose hint was revoked in Celery, and discarded, before the attempt began. The
-- next attempt has the next number, and so a task id that is not revoked.
-- Nothing was sent, so `unsure` and `counted` stay as they are.
-- KEYS: run.  ARGV: run_id, item_id, attempt, kind, name, delay_ms, line
local run_key, run_id, item_id, attempt = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local x = item_of(run_key, item_id)
if not x then return {'closed'} end
if x.kind ~= ARGV[4] or x.name ~= ARGV[5] then return {'wrong kind'} end
if x.state ~= 'R' or x.attempts + 1 ~= attempt then return {'late'} end -- it has begun since, or this is an earlier attempt
x.state, x.attempts = 'D', attempt
save(run_key, item_id, x)
redis.call('ZREM', sent_key(x.queue), member(run_id, item_id))
redis.call('ZADD', P .. 'due', now + tonumber(ARGV[6]), member(run_id, item_id))
record(run_id, ARGV[7])
return {'ok'}
