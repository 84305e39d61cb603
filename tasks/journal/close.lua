-- CLOSE: end an item and create the items that follow, in one write.
-- KEYS: run.  ARGV: run_id, item_id, token, mode, line, budget, budget_line, keep_ms, tomb_ms, fails, objects,
--   account (of the Stripe key, where Stripe answered), then per child: id, payload, kind, queue, name
-- mode: execution | saved (any worker may, also if the call is held) | unsaved (only the lease's holder,
--   and only if no earlier attempt may have been executed) | unknown (only the lease's holder)
local run_key, run_id, item_id, token, mode = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local line, budget, budget_line = ARGV[5], tonumber(ARGV[6]), ARGV[7]
local keep_ms, tomb_ms, fails, objects, account = ARGV[8], ARGV[9], ARGV[10] == '1', ARGV[11], ARGV[12]
local first_child = 13

local x = item_of(run_key, item_id)
if not x then return {'closed'} end
local id = server()
local doubt = doubtful(x, id)
if mode == 'unsaved' or mode == 'unknown' then
  if x.state ~= 'B' or x.token ~= token then return {'stale'} end
  if mode == 'unsaved' and (tonumber(x.unsure) == 1 or doubt) then return {'unsure'} end
end

local children = (#ARGV - first_child + 1) / 5
if redis.call('HEXISTS', run_key, 'x') == 1 then children, fails = 0, false end -- cancelled
local outcome = 'ok'
if mode == 'execution' and children > 0 then
  if redis.call('HINCRBY', run_key, 'n', children) > budget then
    redis.call('HINCRBY', run_key, 'n', -children)
    children, fails, line, outcome = 0, true, budget_line, 'budget'
  end
end
if fails then keep(run_key, item_id) end
forget(run_key, run_id, item_id, x)
for i = 0, children - 1 do
  local a = first_child + i * 5
  create(run_key, run_id, ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4], id, doubt)
end
record(run_id, line)
lead_to(run_id, objects, tomb_ms)
if account ~= '' then answered(account) end
if fails then failed(run_key, run_id) end
redis.call('HINCRBY', run_key, 'o', children - 1)
return {outcome, now, settle(run_key, run_id, keep_ms, tomb_ms), children}
