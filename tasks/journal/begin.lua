-- BEGIN: give an item to a worker under a lease, on every hint. Moves the queue's mark up to the hint,
-- even if it drops the hint.
-- KEYS: run.  ARGV: run_id, item_id, token, lease_ms, hint_at, queue, old_ms, flow_set, keys, worker,
--   kind, operation
local run_key, run_id, item_id, token, lease_ms = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local hint_at, queue, old_ms, flow_set = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), ARGV[8]
local keys, worker, kind, operation = ARGV[9], ARGV[10], ARGV[11], ARGV[12]

local x = item_of(run_key, item_id)
-- Our own hints never name an item of another kind than their task's. So this hint is forged, and its
-- time of publication is not used either: as a mark it might declare a whole queue lost.
if x and (x.kind ~= kind or (x.kind == 'call' and x.name ~= operation)) then return {'wrong kind'} end

local mark, at = redis.call('HGET', P .. 'mark', queue), math.min(hint_at, now)
if not mark or tonumber(mark) < at then redis.call('HSET', P .. 'mark', queue, at) end

if not x then return {'closed'} end
local again = x.state == 'B' and x.token == token -- the connection repeats this BEGIN
if not again then
  if x.state == 'B' then return {'busy'} end
  if x.state == 'D' then return {'early'} end
  if x.state == 'H' then return {'held'} end
end

local sets = redis.call('HMGET', run_key, 'f', item_id .. '@')
local set = sets[2] or sets[1]
if x.kind == 'execution' and (set == false or set == '') then
  -- The first execution sets the run's flow set; one that a person tries again, that of its branch.
  -- The journal must have the sources before the script runs.
  if flow_set == '' or redis.call('EXISTS', P .. 'set:' .. flow_set) == 0 then return {'unpinned'} end
  redis.call('HSET', run_key, sets[2] and item_id .. '@' or 'f', flow_set)
  set = flow_set
end

if not again then
  local id, since = server()
  local doubt, first = doubtful(x, id), now
  if doubt then
    x.doubt = 1
    if x.kind == 'call' then
      -- It may have been sent before the server changed, so a refusal proves nothing, and its key
      -- counts as old as the change.
      x.unsure, first = 1, since
    end
  end
  x.state, x.token, x.attempts, x.server, x.worker = 'B', token, x.attempts + 1, id, worker
  if x.made_ms == 0 then x.made_ms = x.first_ms > 0 and x.first_ms or now end
  if x.first_ms == 0 then x.first_ms, x.keys = first, keys end
  save(run_key, item_id, x)
  redis.call('ZREM', sent_key(x.queue), member(run_id, item_id))
  redis.call('ZADD', P .. 'due', now + lease_ms, member(run_id, item_id))
end
local old = x.kind == 'call' and now - x.first_ms > old_ms
return {old and 'old' or 'ok', redis.call('HGET', run_key, item_id), set or '', x.attempts, x.counted, x.first_ms,
  tonumber(x.unsure), x.keys, x.lost, now - x.made_ms, now,
  x.kind == 'call' and redis.call('HGETALL', P .. 'refused') or {}}
