-- DECIDE: a person settles a held call; one item, or none, follows in its place.
-- KEYS: run.  ARGV: run, item, line, keep_ms, tomb_ms, epoch, inherits, id, payload, kind, queue, name
-- inherits: 1 keeps when the key was first sent, and that it may have been executed.
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item)
if not x then return {'closed'} end
if x.kind ~= 'call' or not (x.s == 'H' or (x.s == 'D' and x.held == '1')) then return {'open', x.s} end
forget(run_key, run, item, x)
local follows = #ARGV > 7 and redis.call('HEXISTS', run_key, 'x') == 0
if follows then
  create(run_key, run, ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12], ARGV[6])
  if ARGV[7] == '1' then
    local child = item_of(run_key, ARGV[8])
    child.first, child.unsure, child.keys = x.first, 1, x.keys
    save(run_key, ARGV[8], child)
  end
else
  redis.call('HINCRBY', run_key, 'o', -1)
end
record(run, ARGV[3])
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now}
