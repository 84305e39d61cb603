-- DEFER: put an item off. Only the lease's holder may.
-- KEYS: run.  ARGV: run_id, item_id, token, delay_ms, unsure, counts, held, line, keep_ms, tomb_ms, unsent,
--   waits, account, most_ms
-- counts: 1 if the attempt counts towards MAX_ATTEMPTS. unsent: 1 if it provably executed nothing.
-- waits: '' | answer (until Stripe answers this account again) | key (until Stripe accepts the key)
--   | refused (the same, and Stripe has just refused the key)
-- most_ms: the longest delay while Stripe answers other requests of the account
local HEALTHY_MS, PROBE_MS, LATE_MS, REFUSED = 10000, 60000, 2 * 86400000, 100
local run_key, run_id, item_id = KEYS[1], ARGV[1], ARGV[2]
local x = item_of(run_key, item_id)
if not x then return {'closed'} end
if x.state ~= 'B' or x.token ~= ARGV[3] then return {'stale'} end
x.state, x.token = 'D', ''
if ARGV[5] == '1' then x.unsure = 1 end
x.counted = x.counted + tonumber(ARGV[6])
if ARGV[7] == '1' then count_held(run_key, x) end
-- No attempt executed anything, so the first sending is still to come.
if ARGV[11] == '1' and tonumber(x.unsure) == 0 then x.first_ms, x.keys = 0, '' end
save(run_key, item_id, x)

local delay, waits, account = tonumber(ARGV[4]), ARGV[12], ARGV[13]
if waits ~= '' and account ~= '' then
  local ok = tonumber(redis.call('GET', P .. 'ok:' .. account) or 0)
  if waits == 'answer' and now - ok < HEALTHY_MS then
    -- Only this call fails: it is sent again soon, then less and less often.
    local most = tonumber(ARGV[14])
    if delay > most then delay = most / 2 + delay % (most / 2) end
  else
    local late = P .. 'late:' .. account
    redis.call('ZADD', late, now, member(run_id, item_id))
    redis.call('PEXPIRE', late, LATE_MS)
  end
  if waits == 'refused' then
    if redis.call('HLEN', P .. 'refused') >= REFUSED then redis.call('DEL', P .. 'refused') end
    redis.call('HSET', P .. 'refused', account, now + PROBE_MS)
  end
end
redis.call('ZADD', P .. 'due', now + delay, member(run_id, item_id))
record(run_id, ARGV[8])
settle(run_key, run_id, ARGV[9], ARGV[10])
return {'ok', delay}
