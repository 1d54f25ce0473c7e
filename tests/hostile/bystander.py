"""Another client, in a process of its own, that keeps asking while somebody else attacks.

usage: bystander.py PORT TOKEN_FILE. Asks until its standard input ends; then prints {"asked": N, "worst": SECONDS, "errors": [...]}."""
import http.client
import json
import sys
import threading
import time

PAUSE = 0.01
PATHS = ["/debug/healthz", "/.well-known/openid-configuration", "/oauth/v2/keys", "/ui/v2/login/login", "/management/v1/orgs/me"]


def main():
    port, token = int(sys.argv[1]), open(sys.argv[2], encoding="utf-8").read().strip()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    result = {"asked": 0, "worst": 0.0, "worst_path": "", "errors": []}
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    while not ended.is_set() or not result["asked"]:
        path = PATHS[result["asked"] % len(PATHS)]
        start = time.monotonic()
        try:
            connection.request("GET", path, headers={"Authorization": "Bearer " + token})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                result["errors"].append(f"{path}: {answer.status}")
        except (OSError, http.client.HTTPException) as error:
            result["errors"].append(f"{path}: {error!r}")
            connection.close()
        took = time.monotonic() - start
        if took > result["worst"]:
            result["worst"], result["worst_path"] = took, path
        result["asked"] += 1
        time.sleep(PAUSE)
    print(json.dumps(result))


main()
