"""idpyoidc's relying party against a running server: discovery, PKCE, every check of the ID token, refresh, userinfo, logout."""
import copy
import os
import pathlib
import sys
import unittest
import urllib.parse

from cryptojwt import KeyJar
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from harness.person import Person  # noqa: E402

KNOWN = os.environ
ISSUER, CALLBACK, BYE = KNOWN["OIDC_ISSUER"], KNOWN["OIDC_REDIRECT_URI"], KNOWN["OIDC_POST_LOGOUT_URI"]
SERVICES = {name: service for name, service in DEFAULT_OIDC_SERVICES.items() if name not in ("webfinger", "registration")} | {
    "refresh_token": {"class": "idpyoidc.client.oidc.refresh_access_token.RefreshAccessToken"},
    "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"}}


def relying_party(**more):
    client = {
        "issuer": ISSUER, "client_type": "oidc", "client_id": KNOWN["OIDC_CLIENT_ID"], "client_secret": KNOWN["OIDC_CLIENT_SECRET"],
        "redirect_uris": [CALLBACK], "post_logout_redirect_uris": [BYE], "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"], "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "client_authn_methods": ["client_secret_basic", "client_secret_post", "bearer_header"],
        "add_ons": {"pkce": {"function": "idpyoidc.client.oauth2.add_on.pkce.add_support", "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"}}},
    } | more
    return RPHandler(base_url=CALLBACK.rsplit("/", 1)[0], client_configs={ISSUER: client}, services=copy.deepcopy(SERVICES), keyjar=KeyJar())


class Idpyoidc(unittest.TestCase):
    def setUp(self):
        self.person = Person(KNOWN["OIDC_LOGIN_NAME"], KNOWN["OIDC_PASSWORD"])

    def answer(self, url):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.person.visit(url, stop=CALLBACK)).query))

    def sign_in(self, party):
        result = party.finalize(ISSUER, self.answer(party.begin(ISSUER)))
        self.assertNotIn("error", result)
        return result

    def test_a_person_signs_in(self):
        for method in ("client_secret_basic", "client_secret_post"):
            with self.subTest(method):
                result = self.sign_in(relying_party(token_endpoint_auth_methods_supported=[method]))
                self.assertEqual(result["id_token"]["sub"], KNOWN["OIDC_SUBJECT"])
                self.assertEqual(result["userinfo"]["sub"], KNOWN["OIDC_SUBJECT"])
                self.assertEqual(result["userinfo"]["email"], KNOWN["OIDC_LOGIN_NAME"] + "@example.com")

    def test_the_answer_of_another_request_is_refused(self):
        party, other = relying_party(), relying_party()
        party.begin(ISSUER)
        with self.assertRaises(KeyError):
            party.finalize(ISSUER, self.answer(other.begin(ISSUER)))

    def test_the_answer_as_a_form(self):
        party = relying_party(response_modes_supported=["form_post"])
        url = party.begin(ISSUER, req_args={"response_mode": "form_post"})
        self.assertIn("response_mode=form_post", url)
        self.assertEqual(party.finalize(ISSUER, self.answer(url))["userinfo"]["sub"], KNOWN["OIDC_SUBJECT"])

    def test_an_error_comes_back(self):
        party = relying_party()
        answered = party.finalize(ISSUER, self.answer(party.begin(ISSUER, req_args={"prompt": "none"})))
        self.assertEqual(answered["error"], "login_required")

    def test_tokens_are_refreshed(self):
        party = relying_party()
        result = self.sign_in(party)
        renewed = party.refresh_access_token(result["state"])
        self.assertNotEqual(renewed["access_token"], result["token"])
        self.assertEqual(party.get_user_info(result["state"], access_token=renewed["access_token"])["sub"], KNOWN["OIDC_SUBJECT"])

    def test_a_person_signs_out(self):
        party = relying_party()
        result = self.sign_in(party)
        url = party.logout(result["state"], post_logout_redirect_uri=BYE)["url"]
        self.assertTrue(self.person.visit(url, stop=BYE).startswith(BYE))


if __name__ == "__main__":
    unittest.main()
