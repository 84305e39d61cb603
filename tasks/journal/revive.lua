-- REVIVE: a step that failed its run is tried again; the run goes on.
-- KEYS: run.  ARGV: run, item, line, keep_ms, tomb_ms, epoch, id, payload, kind, queue, name, flow_set
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HDEL', run_key, item .. '~', item .. '~!') == 0 then return {'closed'} end
if ARGV[12] ~= '' then redis.call('HSET', run_key, 'f', ARGV[12]) end
create(run_key, run, ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[6])
redis.call('HINCRBY', run_key, 'o', 1)
if redis.call('HINCRBY', run_key, 'fc', -1) == 0 then redis.call('ZREM', P .. 'failed', run) end
record(run, ARGV[3])
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now}
