-- RESOLVE: the object that was retrieved is what the held call made. Both are closed in one write, and
-- the call's continuation follows. From anybody: the object is the truth, whoever brings it.
-- KEYS: run.  ARGV: run, retrieval, call, keep_ms, tomb_ms, objects, account, the retrieval's line, the
--   call's line, the decision's line, then the continuation, if any: id, payload, kind, queue, name
local run_key, run, retrieval, call = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local x = item_of(run_key, retrieval)
if not x then return {'closed'} end
local held = item_of(run_key, call)
if not held then return {'settled'} end -- by another decision, or by Stripe's own answer
local id = server()
local follows = #ARGV > 10 and redis.call('HEXISTS', run_key, 'x') == 0 -- cancelled: nothing follows
forget(run_key, run, retrieval, x)
forget(run_key, run, call, held)
if follows then
  create(run_key, run, ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15], id, doubtful(held, id))
end
for i = 8, 10 do record(run, ARGV[i]) end
lead_to(run, ARGV[6], ARGV[5])
if ARGV[7] ~= '' then answered(ARGV[7]) end
redis.call('HINCRBY', run_key, 'o', follows and -1 or -2)
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now, follows and 1 or 0}
