-- SWEEP: leases that lapsed and delays that are over become hints again.
-- KEYS: due.  ARGV: limit.  Returns now, then per item: run, item, kind, name, queue, attempt, context
server() -- seen before this worker gives a sign of life on it
local out = {now}
for _, m in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local run, item = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run
  local x = item_of(run_key, item)
  if x and (x.s == 'B' or x.s == 'D') then
    back(run_key, run, item, x, out)
  else
    redis.call('ZREM', KEYS[1], m)
  end
end
return out
