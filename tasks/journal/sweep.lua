-- SWEEP: end the leases and delays whose time has come, and return the hints to publish.
-- KEYS: due.  ARGV: limit.  Returns now, then per item: run_id, item_id, kind, name, queue, attempt, context
server() -- first, so that its time of first sight is earlier than this worker's entry in `alive`
local out = {now}
for _, m in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local run_id, item_id = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run_id
  local x = item_of(run_key, item_id)
  if x and (x.state == 'B' or x.state == 'D') then
    back(run_key, run_id, item_id, x, out)
  else
    redis.call('ZREM', KEYS[1], m)
  end
end
return out
