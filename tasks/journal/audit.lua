-- AUDIT: an item whose place in the indexes is gone is put back; where it is in place, nothing is done.
-- Every script writes an item and its place together, so this finds something only after the server's
-- file was cut in the middle of one and loaded all the same.
-- KEYS: run.  ARGV: run.  Returns how many were put back.
local run_key, run = KEYS[1], ARGV[1]
local open = tonumber(redis.call('HGET', run_key, 'o') or '0')
if open == 0 then return 0 end
local found = 0
for _, field in ipairs(redis.call('HKEYS', run_key)) do
  local item = field:match('^(%w+)!$')
  local x = item and item_of(run_key, item)
  if x then
    local m = member(run, item)
    if x.s == 'R' and not redis.call('ZSCORE', sent_key(x.queue), m) then
      published(run, item, x.queue)
      found = found + 1
    elseif (x.s == 'B' or x.s == 'D') and not redis.call('ZSCORE', P .. 'due', m) then
      redis.call('ZADD', P .. 'due', now, m)
      found = found + 1
    end
  end
end
return found
