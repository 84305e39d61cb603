-- DECIDE: a person settles a held call; one item, or none, follows in its place.
-- KEYS: run.  ARGV: run, item, line, keep_ms, tomb_ms, mode, id, payload, kind, queue, name
-- mode: resolve | same (a retry with the same key: when it was first sent, and that it may have been
-- executed, go on) | new_key
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item)
local again = #ARGV > 6 and item_of(run_key, ARGV[7])
if not x then return {again and 'ok' or 'closed', now} end -- the same decision twice is one
if x.kind ~= 'call' or not (x.s == 'H' or (x.s == 'D' and x.held == '1')) then return {'open', x.s} end
local cancelled = redis.call('HEXISTS', run_key, 'x') == 1
-- A retry that creates nothing would make a call disappear that may have been charged.
if cancelled and ARGV[6] ~= 'resolve' then return {'cancelled'} end
forget(run_key, run, item, x)
if #ARGV > 6 and not cancelled then
  local id = server()
  create(run_key, run, ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11], id, doubtful(x, id))
  if ARGV[6] == 'same' then
    local child = item_of(run_key, ARGV[7])
    child.first, child.unsure, child.keys = x.first, 1, x.keys
    save(run_key, ARGV[7], child)
  end
else
  redis.call('HINCRBY', run_key, 'o', -1)
end
record(run, ARGV[3])
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now}
