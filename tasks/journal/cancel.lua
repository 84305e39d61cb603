-- CANCEL: what has not begun is closed; what has is waited for, and nothing follows it.
-- KEYS: run.  ARGV: run, line, keep_ms, tomb_ms
local run_key, run = KEYS[1], ARGV[1]
if redis.call('EXISTS', run_key) == 0 then return {'closed'} end
if redis.call('HGET', run_key, 'o') == '0' then return {'ended'} end
redis.call('HSET', run_key, 'x', now)
local closed, id = 0, server()
for _, field in ipairs(redis.call('HKEYS', run_key)) do
  local item = field:match('^(%w+)!$')
  local x = item and item_of(run_key, item)
  local idle = x and (x.s == 'R' or x.s == 'D') and (x.kind == 'execution' or x.first == 0)
  -- On another server than it was written on, "not begun" may be what the journal forgot.
  if idle and not doubtful(x, id) then
    forget(run_key, run, item, x)
    closed = closed + 1
  end
end
redis.call('HINCRBY', run_key, 'o', 0 - closed) -- not -closed: a -0 is refused by Redis 7.0
record(run, ARGV[2])
return {'ok', closed, settle(run_key, run, ARGV[3], ARGV[4])}
