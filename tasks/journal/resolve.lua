-- RESOLVE: the retrieved object is the one that the held call made. Close both in one write and create
-- the call's continuation. Any worker may: the object proves the outcome, whoever retrieved it.
-- KEYS: run.  ARGV: run_id, retrieval_id, call_id, keep_ms, tomb_ms, objects, account, the line of the
--   retrieval, of the call, of the decision, then the continuation, if any: id, payload, kind, queue, name
local run_key, run_id, retrieval_id, call_id = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local x = item_of(run_key, retrieval_id)
if not x then return {'closed'} end
local held = item_of(run_key, call_id)
if not held then return {'settled'} end -- by another decision, or by a late saved answer
local id = server()
local follows = #ARGV > 10 and redis.call('HEXISTS', run_key, 'x') == 0 -- cancelled
forget(run_key, run_id, retrieval_id, x)
forget(run_key, run_id, call_id, held)
if follows then
  create(run_key, run_id, ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15], id, doubtful(held, id))
end
for i = 8, 10 do record(run_id, ARGV[i]) end
lead_to(run_id, ARGV[6], ARGV[5])
if ARGV[7] ~= '' then answered(ARGV[7]) end
redis.call('HINCRBY', run_key, 'o', follows and -1 or -2)
settle(run_key, run_id, ARGV[4], ARGV[5])
return {'ok', now, follows and 1 or 0}
