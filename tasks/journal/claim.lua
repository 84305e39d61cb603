-- CLAIM: a person names the object that a held call made. Create the retrieval of the object beside the
-- call, which stays held until a worker has compared the object with the request.
-- KEYS: run.  ARGV: run_id, call_id, line, keep_ms, tomb_ms, then the retrieval: id, payload, kind, queue, name
local run_key, run_id, call_id, retrieval_id = KEYS[1], ARGV[1], ARGV[2], ARGV[6]
local x = item_of(run_key, call_id)
if not x then return {'closed'} end
if item_of(run_key, retrieval_id) then return {'ok', now} end -- the same claim, repeated
if not is_held_call(x) then return {'open', x.state} end
local other = redis.call('HGET', run_key, call_id .. '?')
if other and item_of(run_key, other) then return {'claimed', other} end
local id = server()
redis.call('HSET', run_key, call_id .. '?', retrieval_id)
create(run_key, run_id, retrieval_id, ARGV[7], ARGV[8], ARGV[9], ARGV[10], id, doubtful(x, id))
redis.call('HINCRBY', run_key, 'o', 1)
record(run_id, ARGV[3])
settle(run_key, run_id, ARGV[4], ARGV[5])
return {'ok', now}
