-- BEGIN: take an item, on every hint. Marks how far the queue has come, even for a hint it drops.
-- KEYS: run.  ARGV: run, item, token, lease_ms, hint_at, queue, old_ms, flow_set, keys, worker,
--   kind, operation
local run_key, run, item, token = KEYS[1], ARGV[1], ARGV[2], ARGV[3]

local x = item_of(run_key, item)
-- No hint of ours names an item of another kind than its task's. So nothing that this one says is
-- believed, not even when it was published: as a mark it might declare a whole queue lost.
if x and (x.kind ~= ARGV[11] or (x.kind == 'call' and x.name ~= ARGV[12])) then return {'wrong kind'} end

local mark, at = redis.call('HGET', P .. 'mark', ARGV[6]), math.min(tonumber(ARGV[5]), now)
if not mark or tonumber(mark) < at then redis.call('HSET', P .. 'mark', ARGV[6], at) end

if not x then return {'closed'} end
local again = x.s == 'B' and x.tok == token -- the same BEGIN, repeated by the connection
if not again then
  if x.s == 'B' then return {'busy'} end
  if x.s == 'D' then return {'early'} end
  if x.s == 'H' then return {'held'} end
end

local sets = redis.call('HMGET', run_key, 'f', item .. '@')
local set = sets[2] or sets[1]
if x.kind == 'execution' and (set == false or set == '') then
  -- The first execution records the run's flow set, one that a person tried again that of its branch.
  -- The sources must be here before it runs.
  if ARGV[8] == '' or redis.call('EXISTS', P .. 'set:' .. ARGV[8]) == 0 then return {'unpinned'} end
  redis.call('HSET', run_key, sets[2] and item .. '@' or 'f', ARGV[8])
  set = ARGV[8]
end

if not again then
  local id, since = server()
  local doubt, first = doubtful(x, id), now
  if doubt then
    x.doubt = 1
    if x.kind == 'call' then
      -- It may have been sent before the journal went back, so a refusal proves nothing, and its key
      -- is as old as the change of server.
      x.unsure, first = 1, since
    end
  end
  x.s, x.tok, x.n, x.epoch, x.worker = 'B', token, x.n + 1, id, ARGV[10]
  if x.made == 0 then x.made = x.first > 0 and x.first or now end
  if x.first == 0 then x.first, x.keys = first, ARGV[9] end
  save(run_key, item, x)
  redis.call('ZREM', sent_key(x.queue), member(run, item))
  redis.call('ZADD', P .. 'due', now + tonumber(ARGV[4]), member(run, item))
end
local old = x.kind == 'call' and now - x.first > tonumber(ARGV[7])
return {old and 'old' or 'ok', redis.call('HGET', run_key, item), set or '', x.n, x.burned, x.first,
  tonumber(x.unsure), x.keys, x.lost, now - x.made, now,
  x.kind == 'call' and redis.call('HGETALL', P .. 'refused') or {}}
