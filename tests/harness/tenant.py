#!/usr/bin/env python3
"""An organization with a project, its applications and people, for tests of the provider.

usage: tenant.py COMMAND…, beside a server (with_server.py). The command finds OIDC_ISSUER; OIDC_CLIENT_ID, OIDC_CLIENT_SECRET,
OIDC_REDIRECT_URI and OIDC_POST_LOGOUT_URI of a web application, whose port nobody listens on yet; OIDC_PUBLIC_CLIENT_ID of one without a
secret; OIDC_API_CLIENT_ID and OIDC_API_CLIENT_SECRET of an API of the project OIDC_PROJECT;
OIDC_MACHINE_CLIENT_ID, OIDC_MACHINE_CLIENT_SECRET, OIDC_MACHINE_SUBJECT of a machine user whose tokens are JWTs; OIDC_LOGIN_NAME,
OIDC_PASSWORD, OIDC_SUBJECT of a person; OIDC_PERSON, the program that signs in as that person (person.py)."""
import itertools
import json
import os
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from harness.server import free_port  # noqa: E402

PASSWORD = "Correct-Horse-7é"
GRANTS = ["OIDC_GRANT_TYPE_AUTHORIZATION_CODE", "OIDC_GRANT_TYPE_REFRESH_TOKEN"]


class Tenant:
    _numbers = itertools.count(1)

    def __init__(self, base, token):
        self.base, self.token, self.org = base, token, None
        self.suffix = f"{os.getpid():x}-{next(self._numbers)}"
        self.org = self.call("POST", "/management/v1/orgs", {"name": f"Acme {self.suffix}"})["id"]
        self.project = self.call("POST", "/management/v1/projects", {"name": "shop"})["id"]

    def call(self, method, path, body=None):
        """One REST call in the organization; the parsed answer, or an AssertionError."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | ({"x-zitadel-orgid": self.org} if self.org else {})
        request = urllib.request.Request(self.base + path, method=method, headers=headers, data=json.dumps(body).encode() if body is not None else None)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def person(self, name="ada", **fields):
        """(login name, user id) of a person with PASSWORD, or with what `fields` say."""
        login_name = f"{name}-{self.suffix}"
        user = self.call("POST", "/management/v1/users/human/_import", {
            "userName": login_name, "profile": {"firstName": "Ada", "lastName": "Lovelace", "displayName": "Ada Lovelace", "preferredLanguage": "en"},
            "email": {"email": f"{login_name}@example.com", "isEmailVerified": True}, **({"password": PASSWORD} | fields)})
        return login_name, user["userId"]

    def app(self, name, redirect_uri, post_logout_uri=None, **fields):
        """A web application with a secret, unless `fields` say otherwise: what its creation answers."""
        return self.call("POST", f"/management/v1/projects/{self.project}/apps/oidc", {
            "name": name, "redirectUris": [redirect_uri], "postLogoutRedirectUris": [post_logout_uri] if post_logout_uri else [],
            "responseTypes": ["OIDC_RESPONSE_TYPE_CODE"], "grantTypes": GRANTS, "appType": "OIDC_APP_TYPE_WEB",
            "authMethodType": "OIDC_AUTH_METHOD_TYPE_BASIC", "devMode": True} | fields)

    def public_app(self, name, redirect_uri, post_logout_uri=None, **fields):
        return self.app(name, redirect_uri, post_logout_uri,
                        **({"appType": "OIDC_APP_TYPE_USER_AGENT", "authMethodType": "OIDC_AUTH_METHOD_TYPE_NONE"} | fields))

    def api(self, name="orders", method="API_AUTH_METHOD_TYPE_BASIC"):
        return self.call("POST", f"/management/v1/projects/{self.project}/apps/api", {"name": name, "authMethodType": method})

    def machine(self, name, token_type="ACCESS_TOKEN_TYPE_JWT"):
        """The id of a machine user."""
        return self.call("POST", "/management/v1/users/machine", {"userName": f"{name}-{self.suffix}", "name": name, "accessTokenType": token_type})["userId"]

    def machine_secret(self, user):
        """(client id, client secret)"""
        secret = self.call("PUT", f"/management/v1/users/{user}/secret", {})
        return secret["clientId"], secret["clientSecret"]


def environment(base, token):
    tenant = Tenant(base, token)
    origin = f"http://localhost:{free_port()}"
    redirect_uri, post_logout_uri = f"{origin}/callback", f"{origin}/bye"
    web = tenant.app("web", redirect_uri, post_logout_uri)
    public = tenant.public_app("public", redirect_uri, post_logout_uri, grantTypes=[*GRANTS, "OIDC_GRANT_TYPE_DEVICE_CODE"])
    api = tenant.api()
    machine = tenant.machine("robot")
    machine_client_id, machine_secret = tenant.machine_secret(machine)
    login_name, subject = tenant.person()
    return {"OIDC_ISSUER": base, "OIDC_CLIENT_ID": web["clientId"], "OIDC_CLIENT_SECRET": web["clientSecret"], "OIDC_REDIRECT_URI": redirect_uri,
            "OIDC_POST_LOGOUT_URI": post_logout_uri, "OIDC_PUBLIC_CLIENT_ID": public["clientId"], "OIDC_API_CLIENT_ID": api["clientId"],
            "OIDC_API_CLIENT_SECRET": api["clientSecret"], "OIDC_PROJECT": tenant.project,
            "OIDC_MACHINE_CLIENT_ID": machine_client_id, "OIDC_MACHINE_CLIENT_SECRET": machine_secret, "OIDC_MACHINE_SUBJECT": machine,
            "OIDC_LOGIN_NAME": login_name, "OIDC_PASSWORD": PASSWORD,
            "OIDC_SUBJECT": subject, "OIDC_PERSON": str(pathlib.Path(__file__).with_name("person.py"))}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    known = environment(os.environ["GODWIT_BASE"], pathlib.Path(os.environ["GODWIT_ADMIN_PAT"]).read_text(encoding="utf-8").strip())
    sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, **known}, check=False).returncode)
