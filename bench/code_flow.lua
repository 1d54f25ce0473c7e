-- Code flows, one after the other on each connection: run wrk with as many threads as connections, then each has a state of its own.
-- arguments: the address of the authorization endpoint with all parameters; the browser's cookie ("" for one without); the body of the
-- token request up to the code; the client's Authorization field; perhaps login name and password to type. Prints "flows: N".
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  authorize, standing_cookie, exchange, authorization, login_name, password = args[1], args[2], args[3], args[4], args[5], args[6]
  flows, broken = 0, ""
  cookies, ask = {}, nil
end

local function escaped(text)
  return (text:gsub("[^%w_.~-]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function unescaped(text)
  return (text:gsub("&amp;", "&"):gsub("&#x?%w+;", function(c)
    local hex, dec = c:match("&#x(%x+);"), c:match("&#(%d+);")
    return string.char(hex and tonumber(hex, 16) or tonumber(dec))
  end):gsub("&quot;", '"'))
end

local function cookie_field()
  if standing_cookie ~= "" then return standing_cookie end
  local out = {}
  for name, value in pairs(cookies) do table.insert(out, name .. "=" .. value) end
  return table.concat(out, "; ")
end

local function get(path)
  return {method = "GET", path = path}
end

local function post(path, body, with)
  return {method = "POST", path = path, body = body, authorization = with}
end

local function path_of(url)
  return (url:gsub("^https?://[^/]+", ""))
end

-- The step that a page asks for: its first form, filled in.
local function fill(page)
  local fields = {}
  local form = page:match("<form.-</form>")
  if not form then return nil end
  for tag in form:gmatch("<input[^>]*>") do
    local name, value = tag:match('name="([^"]*)"'), tag:match('value="([^"]*)"') or ""
    if name == "loginName" then value = login_name elseif name == "password" then value = password else value = unescaped(value) end
    if name then table.insert(fields, escaped(name) .. "=" .. escaped(value)) end
  end
  return post(path_of(unescaped(form:match('action="([^"]*)"'))), table.concat(fields, "&"))
end

local function next_step(status, headers, body)
  if ask.authorization then
    if status == 200 then
      flows = flows + 1
      cookies = {}
      return nil
    end
  elseif headers["location"] then
    local code = headers["location"]:match("[?&]code=([^&]+)")
    if code then return post("/oauth/v2/token", exchange .. "&code=" .. code, authorization) end
    if not headers["location"]:match("[?&]error=") then return get(path_of(headers["location"])) end
  elseif status == 200 and login_name then
    local step = fill(body)
    if step then return step end
  end
  broken = ask.method .. " " .. ask.path .. ": " .. status .. " " .. (headers["location"] or body)
  return nil
end

function request()
  ask = ask or get(authorize)
  local headers = {["Cookie"] = cookie_field()}
  if ask.body then headers["Content-Type"] = "application/x-www-form-urlencoded" end
  if ask.authorization then headers["Authorization"] = ask.authorization end
  return wrk.format(ask.method, ask.path, headers, ask.body)
end

function response(status, headers, body)
  if headers["set-cookie"] then
    local name, value = headers["set-cookie"]:match("^([^=]+)=([^;]*)")
    cookies[name] = value
  end
  ask = next_step(status, headers, body)
end

function done(summary)
  local sum, wrong = 0, nil
  for _, thread in ipairs(threads) do
    sum = sum + thread:get("flows")
    if thread:get("broken") ~= "" then wrong = thread:get("broken") end
  end
  if wrong then io.write("broken: ", wrong, "\n") end
  io.write(string.format("flows: %d\nseconds: %f\n", sum, summary.duration / 1e6))
end
