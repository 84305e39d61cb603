-- START: the run and its first execution, or what is there already.
-- KEYS: run.  ARGV: run, item, payload, queue, name, meta, context, line, keep_ms, tomb_ms
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local keep, tomb = tonumber(ARGV[9]), tonumber(ARGV[10])

if redis.call('EXISTS', run_key) == 1 then
  local x = item_of(run_key, item)
  local meta = redis.call('HGET', run_key, 'm') or '' -- of a run that has ended: in its first line
  return {'already', meta, x and x.s or '', x and x.n or 0, now, redis.call('HGET', run_key, 'b'),
    redis.call('LINDEX', P .. 'l:' .. run, 0) or ''}
end
if redis.call('EXISTS', P .. 't:' .. run) == 1 then return {'expired'} end

redis.call('HSET', run_key, 'm', ARGV[6], 'c', ARGV[7], 'o', 1, 'h', 0, 'n', 0, 'fc', 0, 'b', now, 'ml', 1)
create(run_key, run, item, ARGV[3], 'execution', ARGV[4], ARGV[5], (server()), false)
record(run, ARGV[8])
redis.call('ZADD', P .. 'runs', now, run)
local context = 'c:' .. ARGV[7]
redis.call('ZADD', P .. context, now, run)
redis.call('PEXPIRE', P .. context, tomb)

-- The indexes are trimmed by age, a few at a time. A run that is still open stays findable.
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
