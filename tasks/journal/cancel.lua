-- CANCEL: close every step that has not begun. Steps that have begun go on, and nothing follows them.
-- KEYS: run.  ARGV: run_id, line, keep_ms, tomb_ms
local run_key, run_id = KEYS[1], ARGV[1]
if redis.call('EXISTS', run_key) == 0 then return {'closed'} end
if redis.call('HGET', run_key, 'o') == '0' then return {'ended'} end
redis.call('HSET', run_key, 'x', now)
local closed, id = 0, server()
for _, field in ipairs(redis.call('HKEYS', run_key)) do
  local item_id = field:match('^(%w+)!$')
  local x = item_id and item_of(run_key, item_id)
  local idle = x and (x.state == 'R' or x.state == 'D') and (x.kind == 'execution' or x.first_ms == 0)
  -- After a change of server the journal may have forgotten that the step was begun.
  if idle and not doubtful(x, id) then
    forget(run_key, run_id, item_id, x)
    closed = closed + 1
  end
end
redis.call('HINCRBY', run_key, 'o', 0 - closed) -- not -closed: Redis 7.0 refuses a -0
record(run_id, ARGV[2])
return {'ok', closed, settle(run_key, run_id, ARGV[3], ARGV[4])}
