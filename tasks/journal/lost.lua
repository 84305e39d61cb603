-- LOST: hints of one queue that must be gone, since later ones have been seen; or a probe.
-- A hint published more than `grace` before the newest one seen is published again. Where no traffic
-- moves the mark, only the oldest overdue hint goes out again, once per grace: its arrival moves the
-- mark for all. So a long queue is never doubled.
-- KEYS: sent, mark, probe.  ARGV: queue, grace_ms, limit.  Returns as SWEEP does.
local MAX_WAIT = 900000
local queue, grace = ARGV[1], tonumber(ARGV[2])
local out, lost = {now}, {}
local mark = math.min(tonumber(redis.call('HGET', KEYS[2], queue) or '0'), now) -- clocks go back, too
if redis.call('ZCARD', KEYS[1]) == 0 then
  redis.call('SREM', P .. 'queues', queue)
  return out
end
lost = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. (mark - grace), 'LIMIT', 0, ARGV[3])
if #lost == 0 then
  local oldest = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - grace, 'LIMIT', 0, 1)
  -- probe: when the last one went out, and how long to wait for the next. As long as nothing of the
  -- queue is seen, nobody consumes it, and the probes would pile up there: each waits twice as long.
  local at, wait = (redis.call('HGET', KEYS[3], queue) or '0|0'):match('^(%d+)|(%d+)$')
  at, wait = tonumber(at), tonumber(wait)
  local quiet = at > 0 and mark < at
  if not quiet then wait = grace end
  if oldest[1] and now - at > wait then
    wait = quiet and math.min(math.max(wait, grace) * 2, MAX_WAIT) or grace
    redis.call('HSET', KEYS[3], queue, now .. '|' .. wait)
    -- Not stamped anew: the mark has to come from the message, not from the journal.
    lost = oldest
  end
else
  for _, m in ipairs(lost) do redis.call('ZADD', KEYS[1], now, m) end
end
for _, m in ipairs(lost) do
  local run, item = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run
  local x = item_of(run_key, item)
  if x and x.s == 'R' then
    for _, v in ipairs({run, item, x.kind, x.name, x.queue, x.n + 1, redis.call('HGET', run_key, 'c')}) do
      out[#out + 1] = v
    end
  else
    redis.call('ZREM', KEYS[1], m)
  end
end
return out
