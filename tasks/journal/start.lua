-- START: create the run and its first execution, or return what exists.
-- KEYS: run.  ARGV: run_id, item_id, payload, queue, name, meta, context, line, keep_ms, tomb_ms
local run_key, run_id, item_id = KEYS[1], ARGV[1], ARGV[2]
local keep, tomb = tonumber(ARGV[9]), tonumber(ARGV[10])

if redis.call('EXISTS', run_key) == 1 then
  local x = item_of(run_key, item_id)
  local meta = redis.call('HGET', run_key, 'm') or '' -- an ended run has it in its first line
  return {'already', meta, x and x.state or '', x and x.attempts or 0, now, redis.call('HGET', run_key, 'b'),
    redis.call('LINDEX', P .. 'l:' .. run_id, 0) or ''}
end
if redis.call('EXISTS', P .. 't:' .. run_id) == 1 then return {'expired'} end

redis.call('HSET', run_key, 'm', ARGV[6], 'c', ARGV[7], 'o', 1, 'h', 0, 'n', 0, 'fc', 0, 'b', now, 'ml', 1)
create(run_key, run_id, item_id, ARGV[3], 'execution', ARGV[4], ARGV[5], (server()), false)
record(run_id, ARGV[8])
redis.call('ZADD', P .. 'runs', now, run_id)
local context = 'c:' .. ARGV[7]
redis.call('ZADD', P .. context, now, run_id)
redis.call('PEXPIRE', P .. context, tomb)

-- Trim the indexes by age, a few entries per START. A run that still exists stays listed.
for _, index in ipairs({'runs', 'failed', context}) do
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', P .. index, '-inf', now - keep, 'LIMIT', 0, 5)) do
    if redis.call('EXISTS', P .. 'r:' .. old) == 1 then
      redis.call('ZADD', P .. index, now - keep + 86400000, old)
    else
      redis.call('ZREM', P .. index, old)
    end
  end
end
return {'started', now}
