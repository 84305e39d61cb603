-- REVIVE: a step that failed its run is tried again; the run goes on.
-- KEYS: run.  ARGV: run, item, line, keep_ms, tomb_ms, id, payload, kind, queue, name, unpinned
-- unpinned: its flow set is that of the worker that begins it
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local kept = item_of(run_key, item .. '~')
if not kept then return {item_of(run_key, ARGV[6]) and 'ok' or 'closed', now} end -- twice is once
-- Of a cancelled run nothing would follow, whatever came of it.
if redis.call('HEXISTS', run_key, 'x') == 1 then return {'cancelled'} end
redis.call('HDEL', run_key, item .. '~', item .. '~!')
local id = server()
create(run_key, run, ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], id, doubtful(kept, id))
if ARGV[11] == '1' then redis.call('HSET', run_key, ARGV[6] .. '@', '') end
redis.call('HINCRBY', run_key, 'o', 1)
if redis.call('HINCRBY', run_key, 'fc', -1) == 0 then
  redis.call('ZREM', P .. 'failed', run)
  redis.call('HDEL', run_key, 'w:failed') -- so the next failure is told again: see ALERT
end
record(run, ARGV[3])
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now}
