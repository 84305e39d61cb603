-- ALERT: return 1 if the run was not reported yet, and remember that it is now; else 0.
-- KEYS: run.  ARGV: run_id, kind, about, token (of this report, which the connection may repeat)
-- kind: failed or held, which the run has to be (a cancelled run never fails), or stuck. about: the
-- reason; a run that is stuck for another reason is reported again.
local run_key, kind, about, token = KEYS[1], ARGV[2], ARGV[3], ARGV[4]
local field = 'w:' .. kind
if redis.call('EXISTS', run_key) == 0 then return {0} end
local counter = ({failed = 'fc', held = 'h'})[kind]
if counter and tonumber(redis.call('HGET', run_key, counter) or '0') == 0 then return {0} end
local reported, by = (redis.call('HGET', run_key, field) or ''):match('^(.*)|(.*)$')
if reported == about then return {by == token and 1 or 0} end
redis.call('HSET', run_key, field, about .. '|' .. token)
return {1}
