-- LOST: find the hints of one queue that are lost, or a probe, to be published again.
-- The mark is the newest hint that a worker has seen. A hint that was published more than `grace` before
-- it is lost. If no traffic moves the mark, only the oldest overdue hint is published again, as a probe,
-- once per grace; its arrival moves the mark for all. So a long queue is never published twice.
-- KEYS: sent, mark, probe.  ARGV: queue, grace_ms, limit.  Returns the same as SWEEP.
local MAX_WAIT = 900000
local queue, grace = ARGV[1], tonumber(ARGV[2])
local out, lost = {now}, {}
local mark = math.min(tonumber(redis.call('HGET', KEYS[2], queue) or '0'), now) -- a clock may have gone back
if redis.call('ZCARD', KEYS[1]) == 0 then
  redis.call('SREM', P .. 'queues', queue)
  return out
end
lost = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. (mark - grace), 'LIMIT', 0, ARGV[3])
if #lost == 0 then
  local oldest = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - grace, 'LIMIT', 0, 1)
  -- A row of `probe`: when the last probe was published, and the wait until the next. While no hint of
  -- the queue is seen, no worker consumes it and probes would pile up, so the wait doubles each time.
  local at, wait = (redis.call('HGET', KEYS[3], queue) or '0|0'):match('^(%d+)|(%d+)$')
  at, wait = tonumber(at), tonumber(wait)
  local quiet = at > 0 and mark < at
  if not quiet then wait = grace end
  if oldest[1] and now - at > wait then
    wait = quiet and math.min(math.max(wait, grace) * 2, MAX_WAIT) or grace
    redis.call('HSET', KEYS[3], queue, now .. '|' .. wait)
    -- Its entry keeps its time, since the first copy may still wait in the queue: the mark comes from the
    -- time in a message that arrives, never from this entry.
    lost = oldest
  end
else
  for _, m in ipairs(lost) do redis.call('ZADD', KEYS[1], now, m) end
end
for _, m in ipairs(lost) do
  local run_id, item_id = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run_id
  local x = item_of(run_key, item_id)
  if x and x.state == 'R' then
    append_hint(out, run_key, run_id, item_id, x)
  else
    redis.call('ZREM', KEYS[1], m)
  end
end
return out
