-- DECIDE: a person settles a held call. One item, or none, follows in its place.
-- KEYS: run.  ARGV: run_id, call_id, line, keep_ms, tomb_ms, mode, fails,
--   then the item: id, payload, kind, queue, name
-- mode: resolve | same (a retry with the same key: it keeps the time of the first sending, and is
--   unsure) | new_key
local run_key, run_id, call_id, mode = KEYS[1], ARGV[1], ARGV[2], ARGV[6]
local x = item_of(run_key, call_id)
local again = #ARGV > 7 and item_of(run_key, ARGV[8])
if not x then return {again and 'ok' or 'closed', now, 1} end -- the same decision, repeated
if not is_held_call(x) then return {'open', x.state} end
local cancelled = redis.call('HEXISTS', run_key, 'x') == 1
-- Nothing may follow in a cancelled run, so a retry would only remove a call that may have charged.
if cancelled and mode ~= 'resolve' then return {'cancelled'} end
local follows = #ARGV > 7 and not cancelled
local fails = ARGV[7] == '1' and not cancelled
if fails then keep(run_key, call_id) end
forget(run_key, run_id, call_id, x)
if follows then
  local id = server()
  create(run_key, run_id, ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12], id, doubtful(x, id))
  if mode == 'same' then
    local child = item_of(run_key, ARGV[8])
    child.first_ms, child.unsure, child.keys = x.first_ms, 1, x.keys
    save(run_key, ARGV[8], child)
  end
else
  redis.call('HINCRBY', run_key, 'o', -1)
end
record(run_id, ARGV[3])
if fails then failed(run_key, run_id) end
settle(run_key, run_id, ARGV[4], ARGV[5])
return {'ok', now, follows and 1 or 0}
