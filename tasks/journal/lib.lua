-- Shared by every script of the journal; put in front of each.
--
-- A run is the hash KEYS[1]. Per open item it holds the sealed payload in the field <item> and the
-- item's state in <item>!, whose parts are named in FIELDS. States: R published, B begun (leased),
-- D put off until due, H held. An item that is not there is closed. <item>@ is the flow set of an
-- execution that a person tried again; empty until it begins. <item>? is the retrieval of the object
-- that a person says a held call made.
local P = '{sf}:'
local FIELDS = {'v', 'kind', 's', 'n', 'burned', 'first', 'unsure', 'tok', 'queue', 'epoch', 'held', 'keys', 'name',
  'doubt', 'lost', 'made', 'worker'}

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function item_of(run_key, item)
  local raw = redis.call('HGET', run_key, item .. '!')
  if not raw then return nil end
  -- An older version wrote fewer parts; what a newer one wrote behind them is kept as it is.
  local x, i = {lost = 0, made = 0, worker = '', more = {}}, 1
  for part in (raw .. '|'):gmatch('([^|]*)|') do
    if FIELDS[i] then x[FIELDS[i]] = part else x.more[#x.more + 1] = part end
    i = i + 1
  end
  x.n = tonumber(x.n)
  x.lost = tonumber(x.lost)
  x.made = tonumber(x.made)
  x.burned = tonumber(x.burned)
  x.first = tonumber(x.first)
  return x
end

local function save(run_key, item, x)
  local parts = {}
  for i, name in ipairs(FIELDS) do parts[i] = tostring(x[name]) end
  for _, part in ipairs(x.more or {}) do parts[#parts + 1] = part end
  redis.call('HSET', run_key, item .. '!', table.concat(parts, '|'))
end

-- The server that this script runs on, and when it was first seen here (ms). Another server than the
-- one an item was written on may have lost what happened last, so its word is taken with doubt: see
-- BEGIN and CLOSE. Asked here and not passed in, since a client that reconnects sends old arguments.
local function server()
  local id = redis.call('INFO', 'server'):match('run_id:(%x+)') or ''
  local since = redis.call('HGET', P .. 'servers', id)
  if not since then
    -- What the one before may have lost, it lost after its workers last wrote here.
    since = redis.call('GET', P .. 'alive') or now
    redis.call('HSET', P .. 'servers', id, since)
  end
  return id, tonumber(since)
end

-- Whether the item, or one that it follows from, was written on another server.
local function doubtful(x, id) return x.doubt == '1' or x.epoch ~= id end

local function member(run, item) return run .. ' ' .. item end

local function sent_key(queue) return P .. 'sent:' .. queue end

-- The hint of this item is about to be published: remember when, until it is begun.
local function published(run, item, queue)
  redis.call('ZADD', sent_key(queue), now, member(run, item))
  redis.call('SADD', P .. 'queues', queue)
end

local function create(run_key, run, item, payload, kind, queue, name, epoch, doubt)
  redis.call('HSET', run_key, item, payload)
  save(run_key, item, {v = 1, kind = kind, s = 'R', n = 0, burned = 0, first = 0, unsure = 0, tok = '',
    queue = queue, epoch = epoch, held = 0, keys = '', name = name,
    doubt = doubt and 1 or 0, lost = 0, made = now, worker = ''})
  published(run, item, queue)
end

-- The item is nobody's any more, or its delay is over: it is published again, and appended to `out`.
local function back(run_key, run, item, x, out)
  if x.s == 'B' then
    -- Its worker is gone or slow: nobody knows how far it came.
    x.lost = x.lost + 1
    if x.kind == 'call' then x.unsure = 1 end
  end
  x.s, x.tok = 'R', ''
  save(run_key, item, x)
  redis.call('ZREM', P .. 'due', member(run, item))
  published(run, item, x.queue)
  for _, v in ipairs({run, item, x.kind, x.name, x.queue, x.n + 1, redis.call('HGET', run_key, 'c')}) do
    out[#out + 1] = v
  end
end

-- Stripe answered a request of this account: what waits for it since it failed need not wait longer.
-- Each answer wakes a few, spread over ten seconds, and their answers the next ones.
local WAKES, WITHIN_MS = 20, 10000
local function answered(account)
  redis.call('SET', P .. 'ok:' .. account, now, 'PX', 86400000)
  redis.call('HDEL', P .. 'refused', account)
  local woken = redis.call('ZPOPMIN', P .. 'late:' .. account, WAKES)
  for i = 1, #woken, 2 do
    local run, item = woken[i]:match('^(%S+) (%S+)$')
    local x = item_of(P .. 'r:' .. run, item)
    local soon = now + (i - 1) / 2 * (WITHIN_MS / WAKES)
    if x and x.s == 'D' and tonumber(redis.call('ZSCORE', P .. 'due', woken[i]) or 0) > soon then
      redis.call('ZADD', P .. 'due', soon, woken[i])
    end
  end
end

local function record(run, line)
  if line ~= '' then redis.call('RPUSH', P .. 'l:' .. run, now .. '|' .. line) end
end

-- The objects that Stripe's answer names lead to this run. Entries of runs that are gone go by and by.
local function lead_to(run, objects, tomb_ms)
  for object in objects:gmatch('%S+') do
    local key = P .. 'o:' .. object
    redis.call('ZADD', key, now, run)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - tomb_ms)
    redis.call('PEXPIRE', key, tomb_ms)
  end
end

local function forget(run_key, run, item, x)
  redis.call('HDEL', run_key, item, item .. '!', item .. '@', item .. '?')
  redis.call('ZREM', P .. 'due', member(run, item))
  redis.call('ZREM', sent_key(x.queue), member(run, item))
  if x.held == '1' then redis.call('HINCRBY', run_key, 'h', -1) end
end

-- What a person may want to try again is kept until the run expires.
local function keep(run_key, item)
  redis.call('HSET', run_key, item .. '~', redis.call('HGET', run_key, item))
  redis.call('HSET', run_key, item .. '~!', redis.call('HGET', run_key, item .. '!'))
end

local function count_held(run_key, x)
  if x.held ~= '1' then
    x.held = '1'
    redis.call('HINCRBY', run_key, 'h', 1)
  end
end

-- An ended run is kept for long, so it is made small: its first line has its meta too (if it was begun
-- by a START that says so in `ml`), and a hash of short values that is written anew takes a third.
local function shrink(run_key)
  if redis.call('HDEL', run_key, 'ml') == 1 then redis.call('HDEL', run_key, 'm') end
  local fields = redis.call('HGETALL', run_key)
  if #fields > 40 then return end -- failed steps are kept in it
  redis.call('DEL', run_key)
  redis.call('HSET', run_key, unpack(fields))
end

-- After every change: has the run ended, does it only wait for a decision, or does it run (again)?
-- Waiters look at d:<run>, which has one element when there is nothing to wait for.
local function settle(run_key, run, keep_ms, tomb_ms)
  local open = tonumber(redis.call('HGET', run_key, 'o'))
  local held = tonumber(redis.call('HGET', run_key, 'h'))
  local done, log = P .. 'd:' .. run, P .. 'l:' .. run
  if held > 0 then
    redis.call('ZADD', P .. 'held', now, run)
  else
    redis.call('ZREM', P .. 'held', run)
    redis.call('HDEL', run_key, 'w:held') -- so the next one is told again: see ALERT
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
    redis.call('SET', P .. 't:' .. run, '', 'PX', tomb_ms)
  elseif redis.call('HDEL', run_key, 'e') == 1 then
    for _, key in ipairs({run_key, done, log}) do redis.call('PERSIST', key) end
  end
  return open
end

local function failed(run_key, run)
  redis.call('HINCRBY', run_key, 'fc', 1)
  redis.call('ZADD', P .. 'failed', now, run)
end
