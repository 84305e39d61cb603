-- AUDIT: put an open item back into `due` or `sent:<queue>` if it is missing there.
-- Every script writes an item and these entries together, so AUDIT finds something only after Redis
-- loaded an append-only file that was cut off in the middle of a script.
-- KEYS: run.  ARGV: run_id.  Returns how many items were put back.
local run_key, run_id = KEYS[1], ARGV[1]
local open = tonumber(redis.call('HGET', run_key, 'o') or '0')
if open == 0 then return 0 end
local found = 0
for _, field in ipairs(redis.call('HKEYS', run_key)) do
  local item_id = field:match('^(%w+)!$')
  local x = item_id and item_of(run_key, item_id)
  if x then
    local m = member(run_id, item_id)
    if x.state == 'R' and not redis.call('ZSCORE', sent_key(x.queue), m) then
      published(run_id, item_id, x.queue)
      found = found + 1
    elseif (x.state == 'B' or x.state == 'D') and not redis.call('ZSCORE', P .. 'due', m) then
      redis.call('ZADD', P .. 'due', now, m)
      found = found + 1
    end
  end
end
return found
