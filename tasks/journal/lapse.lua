-- LAPSE: a worker is gone, so its leases need not be waited for.
-- KEYS: due.  ARGV: worker, lease_ms, skip, limit.  `worker` is an id, or a process of one (`<id>.<pid>`).
-- Returns now, how many to skip next (-1 when all were looked at), and then as SWEEP does.
local worker, skip = ARGV[1], tonumber(ARGV[3])
local found = redis.call('ZRANGEBYSCORE', KEYS[1], now, now + ARGV[2], 'LIMIT', skip, ARGV[4])
local out = {now, -1}
for _, m in ipairs(found) do
  local run, item = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run
  local x = item_of(run_key, item)
  if x and x.s == 'B' and (x.worker == worker or x.worker:sub(1, #worker + 1) == worker .. '.') then
    back(run_key, run, item, x, out)
  else
    skip = skip + 1
  end
end
if #found == tonumber(ARGV[4]) then out[2] = skip end
return out
