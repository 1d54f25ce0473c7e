"""Authlib's OAuth2 session against a running server; ID and access tokens are checked with its JOSE by the published keys."""
import os
import pathlib
import sys
import unittest
import urllib.parse

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from harness.person import Person  # noqa: E402

KNOWN = os.environ
ISSUER, CALLBACK, BYE = KNOWN["OIDC_ISSUER"], KNOWN["OIDC_REDIRECT_URI"], KNOWN["OIDC_POST_LOGOUT_URI"]


class Authlib(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.provider = OpenIDProviderMetadata(requests.get(get_well_known_url(ISSUER, external=True), timeout=30).json())
        cls.keys = KeySet.import_key_set(requests.get(cls.provider["jwks_uri"], timeout=30).json())

    def setUp(self):
        self.person = Person(KNOWN["OIDC_LOGIN_NAME"], KNOWN["OIDC_PASSWORD"])

    def session(self, client_id=KNOWN["OIDC_CLIENT_ID"], secret=KNOWN["OIDC_CLIENT_SECRET"], **more):
        return OAuth2Session(client_id, secret, **{"redirect_uri": CALLBACK, "scope": "openid profile email offline_access", "code_challenge_method": "S256"} | more)

    def sign_in(self, session, person=None, **parameters):
        """(tokens, nonce)"""
        nonce, verifier = generate_token(), generate_token(48)
        url, state = session.create_authorization_url(self.provider["authorization_endpoint"], nonce=nonce, code_verifier=verifier, **parameters)
        answer = (person or self.person).visit(url, stop=CALLBACK)
        return session.fetch_token(self.provider["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier), nonce

    def claims(self, id_token, client_id, nonce, access_token=None):
        token = jwt.decode(id_token, self.keys, algorithms=self.provider["id_token_signing_alg_values_supported"])
        claims = CodeIDToken(token.claims, token.header, {"iss": {"value": ISSUER}, "aud": {"value": client_id}},
                             {"nonce": nonce, "client_id": client_id, "access_token": access_token})
        claims.validate(leeway=0)
        return claims

    def test_metadata_is_what_openid_connect_discovery_asks_for(self):
        # Everything but one rule: Authlib wants https of an issuer, also of one on localhost.
        secure = OpenIDProviderMetadata({name: value.replace("http://", "https://") if isinstance(value, str) else value for name, value in self.provider.items()})
        secure.validate()

    def test_a_person_signs_in(self):
        for method in ("client_secret_basic", "client_secret_post"):
            with self.subTest(method):
                session = self.session(token_endpoint_auth_method=method)
                tokens, nonce = self.sign_in(session)
                claims = self.claims(tokens["id_token"], KNOWN["OIDC_CLIENT_ID"], nonce, tokens["access_token"])
                self.assertEqual(claims["sub"], KNOWN["OIDC_SUBJECT"])
                info = session.get(self.provider["userinfo_endpoint"]).json()
                self.assertEqual((info["sub"], info["name"], info["email_verified"]), (KNOWN["OIDC_SUBJECT"], "Ada Lovelace", True))

    def test_a_client_without_a_secret_signs_in_by_pkce(self):
        session = self.session(KNOWN["OIDC_PUBLIC_CLIENT_ID"], None, token_endpoint_auth_method="none")
        tokens, nonce = self.sign_in(session)
        self.claims(tokens["id_token"], KNOWN["OIDC_PUBLIC_CLIENT_ID"], nonce)
        self.assertEqual(session.get(self.provider["userinfo_endpoint"]).json()["sub"], KNOWN["OIDC_SUBJECT"])

    def test_the_other_half_of_pkce_is_wanted(self):
        session = self.session()
        url, state = session.create_authorization_url(self.provider["authorization_endpoint"], code_verifier=generate_token(48))
        with self.assertRaisesRegex(OAuthError, "invalid_grant"):
            session.fetch_token(self.provider["token_endpoint"], authorization_response=self.person.visit(url, stop=CALLBACK), state=state,
                                code_verifier=generate_token(48))

    def test_tokens_are_refreshed_and_revoked(self):
        session = self.session()
        first, _ = self.sign_in(session)
        second = session.refresh_token(self.provider["token_endpoint"], refresh_token=first["refresh_token"])
        self.assertNotEqual(second["refresh_token"], first["refresh_token"])
        self.assertEqual(session.introspect_token(self.provider["introspection_endpoint"], second["access_token"]).json()["active"], True)
        self.assertEqual(session.revoke_token(self.provider["revocation_endpoint"], second["refresh_token"]).status_code, 200)
        self.assertEqual(session.introspect_token(self.provider["introspection_endpoint"], second["access_token"]).json(), {"active": False})
        with self.assertRaisesRegex(OAuthError, "invalid_grant"):
            session.refresh_token(self.provider["token_endpoint"], refresh_token=second["refresh_token"])

    def test_an_api_introspects(self):
        tokens, _ = self.sign_in(self.session(scope=f"openid urn:zitadel:iam:org:project:id:{KNOWN['OIDC_PROJECT']}:aud"))
        api = OAuth2Session(KNOWN["OIDC_API_CLIENT_ID"], KNOWN["OIDC_API_CLIENT_SECRET"])
        told = api.introspect_token(self.provider["introspection_endpoint"], tokens["access_token"]).json()
        self.assertEqual((told["active"], told["sub"], told["client_id"]), (True, KNOWN["OIDC_SUBJECT"], KNOWN["OIDC_CLIENT_ID"]))

    def test_a_person_signs_out(self):
        session = self.session()
        tokens, _ = self.sign_in(session)
        out = self.provider["end_session_endpoint"] + "?" + urllib.parse.urlencode(
            {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE, "state": "s1"})
        self.assertEqual(self.person.visit(out, stop=BYE), BYE + "?state=s1")
        # Who has signed out is asked again.
        url, _ = session.create_authorization_url(self.provider["authorization_endpoint"], prompt="none", code_verifier=generate_token(48))
        self.assertIn("error=login_required", self.person.visit(url, stop=CALLBACK))


if __name__ == "__main__":
    unittest.main()
