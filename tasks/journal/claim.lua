-- CLAIM: a person names the object that a held call made. Its retrieval is put beside the call, which
-- stays held until a worker has compared the object with what was asked.
-- KEYS: run.  ARGV: run, call, line, keep_ms, tomb_ms, then the retrieval: id, payload, kind, queue, name
local run_key, run, call, retrieval = KEYS[1], ARGV[1], ARGV[2], ARGV[6]
local x = item_of(run_key, call)
if not x then return {'closed'} end
if item_of(run_key, retrieval) then return {'ok', now} end -- the same claim twice is one
if x.kind ~= 'call' or not (x.s == 'H' or (x.s == 'D' and x.held == '1')) then return {'open', x.s} end
local other = redis.call('HGET', run_key, call .. '?')
if other and item_of(run_key, other) then return {'claimed', other} end
local id = server()
redis.call('HSET', run_key, call .. '?', retrieval)
create(run_key, run, retrieval, ARGV[7], ARGV[8], ARGV[9], ARGV[10], id, doubtful(x, id))
redis.call('HINCRBY', run_key, 'o', 1)
record(run, ARGV[3])
settle(run_key, run, ARGV[4], ARGV[5])
return {'ok', now}
