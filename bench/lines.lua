-- Sends the lines of a file as bodies, each once. arguments: the file. A run that outlasts its lines sends empty bodies, which are refused.
function init(args)
  lines = io.lines(args[1])
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  return wrk.format(nil, nil, nil, lines and lines() or "")
end
