-- Sends the lines of a file in turn, each "method path body", from a line on, and prints one line:
-- requests, microseconds, median and 99th percentile in microseconds, failures.
local lines, sent = {}, 0

function init(args)
  local file, first, size = args[1], tonumber(args[2]), args[3]
  for line in io.lines(file) do
    local method, path, body = line:match("^(%S+) (%S+) (.*)$")
    local form = body ~= "" and "application/x-www-form-urlencoded" or nil
    local headers = { Host = wrk.headers["Host"], ["Content-Type"] = form, ["X-Size"] = size }
    lines[#lines + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
  sent = first
end

function request()
  sent = sent + 1
  return lines[(sent - 1) % #lines + 1]
end

function done(summary, latency)
  local bad = summary.errors
  io.write(string.format("%d %d %f %f %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    bad.connect + bad.read + bad.write + bad.status + bad.timeout))
end
