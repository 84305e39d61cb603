-- DEFER: put an item off; only the lease's holder may.
-- KEYS: run.  ARGV: run, item, token, delay_ms, unsure, burns, held, line, keep_ms, tomb_ms, unsent,
--   waits, account, most_ms
-- waits: '' | answer (until Stripe answers this account again) | key (until Stripe accepts the key)
--   | refused (the same, and Stripe has just said so)
-- most_ms: the longest delay while the account's other requests are answered
local HEALTHY_MS, PROBE_MS, LATE_MS, REFUSED = 10000, 60000, 2 * 86400000, 100
local run_key, run, item = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item)
if not x then return {'closed'} end
if x.s ~= 'B' or x.tok ~= ARGV[3] then return {'stale'} end
x.s, x.tok = 'D', ''
if ARGV[5] == '1' then x.unsure = 1 end
x.burned = x.burned + tonumber(ARGV[6])
if ARGV[7] == '1' then count_held(run_key, x) end
-- Nothing was executed, now or before: so it has not been sent for the first time either.
if ARGV[11] == '1' and tonumber(x.unsure) == 0 then x.first, x.keys = 0, '' end
save(run_key, item, x)

local delay, waits, account = tonumber(ARGV[4]), ARGV[12], ARGV[13]
if waits ~= '' and account ~= '' then
  local ok = tonumber(redis.call('GET', P .. 'ok:' .. account) or 0)
  if waits == 'answer' and now - ok < HEALTHY_MS then
    -- Only this call fails: it is asked again soon, and less and less often.
    local most = tonumber(ARGV[14])
    if delay > most then delay = most / 2 + delay % (most / 2) end
  else
    local late = P .. 'late:' .. account
    redis.call('ZADD', late, now, member(run, item))
    redis.call('PEXPIRE', late, LATE_MS)
  end
  if waits == 'refused' then
    if redis.call('HLEN', P .. 'refused') >= REFUSED then redis.call('DEL', P .. 'refused') end
    redis.call('HSET', P .. 'refused', account, now + PROBE_MS)
  end
end
redis.call('ZADD', P .. 'due', now + delay, member(run, item))
record(run, ARGV[8])
settle(run_key, run, ARGV[9], ARGV[10])
return {'ok', delay}
