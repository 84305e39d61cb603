-- SWEEP: leases that lapsed and delays that are over become hints again.
-- KEYS: due.  ARGV: limit.  Returns now, then per item: run, item, kind, name, queue, attempt, context
server() -- seen before this worker gives a sign of life on it
local out = {now}
for _, m in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local run, item = m:match('^(%S+) (%S+)$')
  local run_key = P .. 'r:' .. run
  local x = item_of(run_key, item)
  redis.call('ZREM', KEYS[1], m)
  if x and (x.s == 'B' or x.s == 'D') then
    if x.s == 'B' then
      -- Its worker is gone or slow: nobody knows how far it came.
      x.burned = x.burned + 1
      if x.kind == 'call' then x.unsure = 1 end
    end
    x.s, x.tok = 'R', ''
    save(run_key, item, x)
    published(run, item, x.queue)
    for _, v in ipairs({run, item, x.kind, x.name, x.queue, x.n + 1, redis.call('HGET', run_key, 'c')}) do
      out[#out + 1] = v
    end
  end
end
return out
