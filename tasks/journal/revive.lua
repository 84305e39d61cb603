-- REVIVE: a person tries a step again that failed its run. The run goes on.
-- KEYS: run.  ARGV: run_id, item_id, line, keep_ms, tomb_ms, id, payload, kind, queue, name, unpinned
-- unpinned: 1 if it gets the flow set of the worker that begins it
local run_key, run_id, item_id = KEYS[1], ARGV[1], ARGV[2]
local kept = item_of(run_key, item_id .. '~')
if not kept then return {item_of(run_key, ARGV[6]) and 'ok' or 'closed', now} end -- repeated
-- In a cancelled run nothing would follow from it.
if redis.call('HEXISTS', run_key, 'x') == 1 then return {'cancelled'} end
redis.call('HDEL', run_key, item_id .. '~', item_id .. '~!')
local id = server()
create(run_key, run_id, ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], id, doubtful(kept, id))
if ARGV[11] == '1' then redis.call('HSET', run_key, ARGV[6] .. '@', '') end
redis.call('HINCRBY', run_key, 'o', 1)
if redis.call('HINCRBY', run_key, 'fc', -1) == 0 then
  redis.call('ZREM', P .. 'failed', run_id)
  redis.call('HDEL', run_key, 'w:failed') -- so ALERT reports the next failure
end
record(run_id, ARGV[3])
settle(run_key, run_id, ARGV[4], ARGV[5])
return {'ok', now}
