-- Shared by every script of the journal; put in front of each. layout.md has every key and field.
--
-- A run is the hash KEYS[1]. Per open item it has the sealed payload in the field <item_id>, and in
-- <item_id>! the item's state, whose parts are FIELDS. A state is R published, B begun (leased), D put
-- off until due, or H held. An item without these fields is closed. Scripts call an item's parts `x`.
local P = '{sf}:'
local FIELDS = {'version', 'kind', 'state', 'attempts', 'counted', 'first_ms', 'unsure', 'token', 'queue', 'server',
  'held', 'keys', 'name', 'doubt', 'lost', 'made_ms', 'worker'}

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function item_of(run_key, item_id)
  local raw = redis.call('HGET', run_key, item_id .. '!')
  if not raw then return nil end
  -- An older version wrote fewer parts. Further parts, which a newer version wrote, are kept.
  local x, i = {lost = 0, made_ms = 0, worker = '', more = {}}, 1
  for part in (raw .. '|'):gmatch('([^|]*)|') do
    if FIELDS[i] then x[FIELDS[i]] = part else x.more[#x.more + 1] = part end
    i = i + 1
  end
  x.attempts = tonumber(x.attempts)
  x.lost = tonumber(x.lost)
  x.made_ms = tonumber(x.made_ms)
  x.counted = tonumber(x.counted)
  x.first_ms = tonumber(x.first_ms)
  return x
end

local function save(run_key, item_id, x)
  local parts = {}
  for i, name in ipairs(FIELDS) do parts[i] = tostring(x[name]) end
  for _, part in ipairs(x.more or {}) do parts[#parts + 1] = part end
  redis.call('HSET', run_key, item_id .. '!', table.concat(parts, '|'))
end

-- Return the run id of the Redis server that this script runs on, and when it was first seen (ms).
-- A server other than the one that an item was written on may have lost the last writes, so the item is
-- in doubt: see BEGIN and CLOSE. No argument says which server it is, since a client that reconnects
-- repeats its old arguments.
local function server()
  local id = redis.call('INFO', 'server'):match('run_id:(%x+)') or ''
  local since = redis.call('HGET', P .. 'servers', id)
  if not since then
    -- The server before may have lost only what was written after a worker's last sign of life.
    since = redis.call('GET', P .. 'alive') or now
    redis.call('HSET', P .. 'servers', id, since)
  end
  return id, tonumber(since)
end

-- Return whether the item, or one that it follows from, was written on another server.
local function doubtful(x, id) return x.doubt == '1' or x.server ~= id end

local function member(run_id, item_id) return run_id .. ' ' .. item_id end

local function sent_key(queue) return P .. 'sent:' .. queue end

-- Remember when the item's hint is published, until the item is begun. The caller publishes it.
local function published(run_id, item_id, queue)
  redis.call('ZADD', sent_key(queue), now, member(run_id, item_id))
  redis.call('SADD', P .. 'queues', queue)
end

local function create(run_key, run_id, item_id, payload, kind, queue, name, server_id, doubt)
  redis.call('HSET', run_key, item_id, payload)
  save(run_key, item_id, {version = 1, kind = kind, state = 'R', attempts = 0, counted = 0, first_ms = 0,
    unsure = 0, token = '', queue = queue, server = server_id, held = 0, keys = '', name = name,
    doubt = doubt and 1 or 0, lost = 0, made_ms = now, worker = ''})
  published(run_id, item_id, queue)
end

-- Append what a hint of the item is published with.
local function append_hint(out, run_key, run_id, item_id, x)
  for _, v in ipairs({run_id, item_id, x.kind, x.name, x.queue, x.attempts + 1, redis.call('HGET', run_key, 'c')}) do
    out[#out + 1] = v
  end
end

-- End the item's lease or delay: it is published again, and its hint appended to `out`.
local function back(run_key, run_id, item_id, x, out)
  if x.state == 'B' then
    -- Its worker is gone or slow, and the request may have been sent.
    x.lost = x.lost + 1
    if x.kind == 'call' then x.unsure = 1 end
  end
  x.state, x.token = 'R', ''
  save(run_key, item_id, x)
  redis.call('ZREM', P .. 'due', member(run_id, item_id))
  published(run_id, item_id, x.queue)
  append_hint(out, run_key, run_id, item_id, x)
end

-- Stripe answered a request of this account, so calls that wait for it may be sent again. Each answer
-- wakes a few of them, spread over ten seconds, and their answers wake the next.
local WAKES, WITHIN_MS = 20, 10000
local function answered(account)
  redis.call('SET', P .. 'ok:' .. account, now, 'PX', 86400000)
  redis.call('HDEL', P .. 'refused', account)
  local woken = redis.call('ZPOPMIN', P .. 'late:' .. account, WAKES)
  for i = 1, #woken, 2 do
    local run_id, item_id = woken[i]:match('^(%S+) (%S+)$')
    local x = item_of(P .. 'r:' .. run_id, item_id)
    local soon = now + (i - 1) / 2 * (WITHIN_MS / WAKES)
    if x and x.state == 'D' and tonumber(redis.call('ZSCORE', P .. 'due', woken[i]) or 0) > soon then
      redis.call('ZADD', P .. 'due', soon, woken[i])
    end
  end
end

local function record(run_id, line)
  if line ~= '' then redis.call('RPUSH', P .. 'l:' .. run_id, now .. '|' .. line) end
end

-- List the run under each object that Stripe's answer names. Old entries are removed on the way.
local function lead_to(run_id, objects, tomb_ms)
  for object in objects:gmatch('%S+') do
    local key = P .. 'o:' .. object
    redis.call('ZADD', key, now, run_id)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tomb_ms)
    redis.call('PEXPIRE', key, tomb_ms)
  end
end

local function forget(run_key, run_id, item_id, x)
  redis.call('HDEL', run_key, item_id, item_id .. '!', item_id .. '@', item_id .. '?')
  redis.call('ZREM', P .. 'due', member(run_id, item_id))
  redis.call('ZREM', sent_key(x.queue), member(run_id, item_id))
  if x.held == '1' then redis.call('HINCRBY', run_key, 'h', -1) end
end

-- Keep a failed step for a person's retry, until the run expires.
local function keep(run_key, item_id)
  redis.call('HSET', run_key, item_id .. '~', redis.call('HGET', run_key, item_id))
  redis.call('HSET', run_key, item_id .. '~!', redis.call('HGET', run_key, item_id .. '!'))
end

-- Return whether a person may decide about the item.
local function is_held_call(x)
  return x.kind == 'call' and (x.state == 'H' or (x.state == 'D' and x.held == '1'))
end

local function count_held(run_key, x)
  if x.held ~= '1' then
    x.held = '1'
    redis.call('HINCRBY', run_key, 'h', 1)
  end
end

-- Make the hash of an ended run small, since it is kept for long: its meta stands in the record's first
-- line too (if START set `ml`), and a hash of short values takes a third of the memory once rewritten.
local function shrink(run_key)
  if redis.call('HDEL', run_key, 'ml') == 1 then redis.call('HDEL', run_key, 'm') end
  local fields = redis.call('HGETALL', run_key)
  if #fields > 40 then return end -- with failed steps
  redis.call('DEL', run_key)
  redis.call('HSET', run_key, unpack(fields))
end

-- Bring the run's indexes, expiry and waiters up to date, after every change. Waiters block on
-- d:<run_id>, which has one element while the run is idle: it has ended, or only held items are open.
local function settle(run_key, run_id, keep_ms, tomb_ms)
  local open = tonumber(redis.call('HGET', run_key, 'o'))
  local held = tonumber(redis.call('HGET', run_key, 'h'))
  local done, log = P .. 'd:' .. run_id, P .. 'l:' .. run_id
  if held > 0 then
    redis.call('ZADD', P .. 'held', now, run_id)
  else
    redis.call('ZREM', P .. 'held', run_id)
    redis.call('HDEL', run_key, 'w:held') -- so ALERT reports the next held call
  end
  if open > held then
    redis.call('DEL', done)
  elseif redis.call('LLEN', done) == 0 then
    redis.call('RPUSH', done, '1')
  end
  if open == 0 then
    redis.call('HSET', run_key, 'e', now)
    shrink(run_key)
    for _, key in ipairs({run_key, done, log}) do redis.call('PEXPIRE', key, keep_ms) end
    redis.call('SET', P .. 't:' .. run_id, '', 'PX', tomb_ms)
  elseif redis.call('HDEL', run_key, 'e') == 1 then
    for _, key in ipairs({run_key, done, log}) do redis.call('PERSIST', key) end
  end
  return open
end

local function failed(run_key, run_id)
  redis.call('HINCRBY', run_key, 'fc', 1)
  redis.call('ZADD', P .. 'failed', now, run_id)
end
