-- CLOSE: an item is done and these items follow, in one write.
-- KEYS: run.  ARGV: run, item, token, mode, line, budget, budget_line, keep_ms, tomb_ms, fails, objects,
--   account (of the Stripe key, where Stripe answered), then per child: id, payload, kind, queue, name
-- mode: execution | saved (from anybody, also when held) | unsaved (the lease's holder, and only if no
--   earlier attempt may have been executed) | unknown (the lease's holder)
local run_key, run, item, token, mode = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local line, fails, first_child = ARGV[5], ARGV[10] == '1', 13

local x = item_of(run_key, item)
if not x then return {'closed'} end
local id = server()
local doubt = doubtful(x, id)
if mode == 'unsaved' or mode == 'unknown' then
  if x.s ~= 'B' or x.tok ~= token then return {'stale'} end
  if mode == 'unsaved' and (tonumber(x.unsure) == 1 or doubt) then return {'unsure'} end
end

local children = (#ARGV - first_child + 1) / 5
if redis.call('HEXISTS', run_key, 'x') == 1 then children, fails = 0, false end -- cancelled: nothing follows
local outcome = 'ok'
if mode == 'execution' and children > 0 then
  if redis.call('HINCRBY', run_key, 'n', children) > tonumber(ARGV[6]) then
    redis.call('HINCRBY', run_key, 'n', -children)
    children, fails, line, outcome = 0, true, ARGV[7], 'budget'
  end
end
if fails then keep(run_key, item) end
forget(run_key, run, item, x)
for i = 0, children - 1 do
  local a = first_child + i * 5
  create(run_key, run, ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], id, doubt)
end
record(run, line)
lead_to(run, ARGV[11], ARGV[9])
if ARGV[12] ~= '' then answered(ARGV[12]) end
if fails then failed(run_key, run) end
redis.call('HINCRBY', run_key, 'o', children - 1)
return {outcome, now, settle(run_key, run, ARGV[8], ARGV[9]), children}
