"""Routes that applications call all the time, beside node-oidc-provider and a server that does nothing."""
from bench import Server, bare_http, body_size, node_oidc_provider, row, table, wrk

CONNECTIONS = 16
REFERENCE_GET_USER = 350  # requests/s, measured on a machine like the one of README.md


def routes():
    table(f"Routes, {CONNECTIONS} connections, HTTP/1.1", "route", "requests/s", "p99 ms", "node-oidc-provider", "ratio",
          "bare server, same size", "ratio", "target")
    with Server() as server, node_oidc_provider() as (peer, token):
        _, user = server.call("GET", "/auth/v1/users/me")
        ours = [f"Authorization: Bearer {server.pat()}"]
        for name, path, headers, peer_path, target in (
                ("discovery", "/.well-known/openid-configuration", [], "/.well-known/openid-configuration", "≥ 50,000"),
                ("keys", "/oauth/v2/keys", [], "/jwks", "≥ 50,000"),
                ("userinfo", "/oidc/v1/userinfo", ours, "/me", "≥ 3 × the peer"),
                ("get user by id", f"/management/v1/users/{user['user']['id']}", ours, None, f"≥ {50 * REFERENCE_GET_USER:,} (50 × the reference)")):
            bare = bare_http(body_size(server.base + path, headers), CONNECTIONS)
            rate, _, p99 = wrk(server.base + path, CONNECTIONS, 5, headers)
            theirs = wrk(peer + peer_path, CONNECTIONS, 5, [f"Authorization: Bearer {token}"])[0] if peer_path else None
            row(name, f"{rate:,.0f}", f"{p99:.2f}", f"{theirs:,.0f}" if theirs else "", f"{rate / theirs:.1f}" if theirs else "", f"{bare:,.0f}",
                f"{rate / bare:.2f}", target)
