-- DECIDE: a person settles a held call; one item, or none, follows in its place.
-- KEYS: run.  ARGV: run, item, line, keep_ms, tomb_ms, mode, fails, then the item: id, payload, kind, queue, name
-- mode: resolve | same (a retry with the same key: when it was first sent, and that it may have been
-- executed, go on) | new_key
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item)
local again = #ARGV > 7 and item_of(run_key, ARGV[8])
if not x then return {again and 'ok' or 'closed', now, 1} end -- the same decision twice is one
if x.kind ~= 'call' or not (x.s == 'H' or (x.s == 'D' and x.held == '1')) then return {'open', x.s} end
local cancelled = redis.call('HEXISTS', run_key, 'x') == 1
-- A retry that creates nothing would make a call disappear that may have been charged.
if cancelled and ARGV[6] ~= 'resolve' then return {'cancelled'} end
local follows = #ARGV > 7 and not cancelled
local fails = ARGV[7] == '1' and not cancelled
if fails then keep(run_key, item) end
forget(run_key, run, item, x)
if follows then
  local id = server()
  create(run_key, run, ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12], id, doubtful(x, id))
  if ARGV[6] == 'same' then
    local child = item_of(run_key, ARGV[8])
    child.first, child.unsure, child.keys = x.first, 1, x.keys
    save(run_key, ARGV[8], child)
  end
else
  redis.call('HINCRBY', run_key, 'o', -1)
end
record(run, ARGV[3])
if fails then failed(run_key, run) end
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now, follows and 1 or 0}
