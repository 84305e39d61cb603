-- LAPSE: end the leases of a worker that is gone, without waiting for them to run out.
-- KEYS: due.  ARGV: worker, lease_ms, skip, limit.  `worker` is an id, or a process of one (`<id>.<pid>`).
-- Returns now, how many to skip next (-1: done), then the same as SWEEP.
local worker, skip = ARGV[1], tonumber(ARGV[3])
local found = redis.call('ZRANGEBYSCORE', KEYS[1], now, now + ARGV[2], 'LIMIT', skip, ARGV[4])
local out = {now, -1}
for _, m in ipairs(found) do
  local run_id, item_id = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run_id
  local x = item_of(run_key, item_id)
  if x and x.state == 'B' and (x.worker == worker or x.worker:sub(1, #worker + 1) == worker .. '.') then
    back(run_key, run_id, item_id, x, out)
  else
    skip = skip + 1
  end
end
if #found == tonumber(ARGV[4]) then out[2] = skip end
return out
