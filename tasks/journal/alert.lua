-- ALERT: whether it is the first time that somebody is told this of the run; from now on it is not.
-- KEYS: run.  ARGV: kind, about, token (of this one asking, which may be repeated)
-- kind: failed and held, which the run has to be (a cancelled one never fails), or stuck. about: told
-- once for each; a run that is stuck for another reason is told again.
local run_key, field = KEYS[1], 'w:' .. ARGV[1]
if redis.call('EXISTS', run_key) == 0 then return {0} end
local counter = ({failed = 'fc', held = 'h'})[ARGV[1]]
if counter and tonumber(redis.call('HGET', run_key, counter) or '0') == 0 then return {0} end
local told, by = (redis.call('HGET', run_key, field) or ''):match('^(.*)|(.*)$')
if told == ARGV[2] then return {by == ARGV[3] and 1 or 0} end
redis.call('HSET', run_key, field, ARGV[2] .. '|' .. ARGV[3])
return {1}
