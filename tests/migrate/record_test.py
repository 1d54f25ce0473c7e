"""The canonical record, part by part: what arrives is seen through the contract's own calls, what cannot be kept is said, and who had a
second factor or a key goes on with it."""
import base64
import hashlib
import hmac
import json
import struct
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

from tests.harness.server import ROOT
from tests.migrate.workshop import BCRYPT, SOME_FAILED, Workshop, person

RSA = ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
COSE = base64.urlsafe_b64encode(bytes.fromhex("a5010203262001215820") + b"\1" * 32 + bytes.fromhex("225820") + b"\2" * 32).decode().rstrip("=")


def b64url(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def totp(key, algorithm, digits, period):
    counter = struct.pack(">Q", int(time.time()) // period)
    digest = hmac.new(base64.b32decode(key), counter, algorithm.lower()).digest()
    at = digest[-1] & 15
    return str((int.from_bytes(digest[at:at + 4], "big") & 0x7FFFFFFF) % 10**digits).zfill(digits)


def members(schema, node, path=""):
    """(path, its schema) of every member, those of lists and objects within included."""
    for name, below in node["properties"].items():
        here = f"{path}.{name}" if path else name
        yield here, below
        reference = below.get("items", below).get("$ref")
        if reference:
            yield from members(schema, schema["components"]["schemas"][reference.rsplit("/", 1)[-1]], here + ("[]" if "items" in below else ""))


def wrap(path, value):
    """`value` where `path` says: "totp[].key" is {"totp": [{"key": value}]}."""
    for step in reversed(path.split(".")):
        value = {step[:-2]: [value]} if step.endswith("[]") else {step: value}
    return value


class Record(Workshop, unittest.TestCase):
    """On the embedded engine: what a record means does not depend on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for command in (RSA + ("-out", "machine.pem"), ("pkey", "-in", "machine.pem", "-pubout", "-out", "machine.pub")):
            subprocess.run(["openssl", *command], cwd=cls.folder, check=True, capture_output=True)

    def seen(self, server, path, body=None, org="acme"):
        status, answer = server.call("GET" if body is None else "POST", path, body, headers={"x-zitadel-orgid": org})
        self.assertEqual(status, 200, (path, answer))
        return answer

    def metadata_of(self, server, user):
        found = self.seen(server, f"/management/v1/users/{user}/metadata/_search", {}).get("result", [])
        return {entry["key"]: base64.b64decode(entry["value"]) for entry in found}

    def test_the_record_with_all_members_empty_loses_nothing(self):
        empty = {"sourceId": "e1", "userId": "", "organization": {"name": "Acme"}, "userName": "empty", "state": "active",
                 "createdAt": "2023-04-05T06:07:08Z", "profile": {"givenName": "Ada", "nickName": "", "preferredLanguage": "en", "gender": ""},
                 "email": {"address": "empty@acme.example", "verified": True}, "phone": {"number": "+41791234567", "verified": False},
                 "password": {"hash": BCRYPT, "algorithm": "", "parameters": {}, "plain": "", "changeRequired": False},
                 "totp": [{"key": "JBSWY3DPEHPK3PXP", "algorithm": "SHA1", "digits": 6, "period": 30}], "recoveryCodes": [], "otpEmail": False,
                 "otpSms": False, "passkeys": [], "idpLinks": [{"idp": "sso", "externalId": "e1", "displayName": ""}],
                 "metadata": {"tier": "gold", "photo": {"base64": "AAEC"}}, "grants": [{"project": "Shop", "grantedBy": "", "roles": ["buyer"]}],
                 "groups": [], "emails": [], "avatar": {"url": ""}, "consents": [], "requiredActions": [], "subjectAliases": [], "type": "human",
                 "machine": {"name": "", "description": "", "accessTokenType": "", "keys": []}, "v": 1}
        lines, _ = self.run_job(self.file(empty))
        self.assertEqual((lines[0]["outcome"], lines[0]["codes"], lines[0]["lost"]), ("created", [], []))

    def test_every_part_of_a_person_arrives(self):
        whole = {"v": 1, "sourceId": "w1", "userId": "whole-1", "organization": {"id": "acme"}, "userName": "whole", "state": "active",
                 "createdAt": "2020-01-02T03:04:05.678901Z",
                 "profile": {"givenName": "Fulla", "familyName": "Full", "displayName": "Fulla F", "nickName": "Fu", "preferredLanguage": "de-CH",
                             "gender": "female"},
                 "email": {"address": "whole@acme.example", "verified": True}, "phone": {"number": "+41 79 123 45 68", "verified": True},
                 "password": {"hash": BCRYPT, "changeRequired": True}, "totp": [{"key": "JBSWY3DPEHPK3PXP", "name": "phone"}], "otpEmail": True,
                 "otpSms": True, "passkeys": [{"credentialId": "Y3JlZC0x", "publicKey": COSE, "rpId": "acme.example", "name": "u2f one", "kind": "u2f"},
                                              {"credentialId": "Y3JlZC0y", "publicKey": COSE, "rpId": "acme.example", "name": "laptop"}],
                 "recoveryCodes": [{"code": "abcd-1234"}], "idpLinks": [{"idp": "Company SSO", "externalId": "ext-1", "displayName": "fulla there"}],
                 "metadata": {"text": "gold", "bytes": {"base64": "AAH/"}, "number": 5, "object": {"a": [1, True]}},
                 "grants": [{"project": "shop", "roles": ["clerk", "buyer"]}], "groups": ["/g1"],
                 "emails": [{"address": "second@acme.example", "verified": False}], "avatar": {"data": "AAEC", "mediaType": "image/png"},
                 "consents": [{"clientId": "c1", "scopes": ["email"], "createdAt": "2020-01-02T03:04:05Z"}], "requiredActions": ["VERIFY_EMAIL"],
                 "subjectAliases": ["old-subject"], "type": "human"}
        lines, _ = self.run_job(self.file(whole))
        self.assertEqual((lines[0]["outcome"], lines[0]["userId"], lines[0]["lost"]), ("created", "whole-1", []))
        with self.serving() as server:
            user = self.seen(server, "/v2/users/whole-1")["user"]
            human = user["human"]
            self.assertEqual((user["state"], user["username"], user["details"]["resourceOwner"], user["details"]["creationDate"]),
                             ("USER_STATE_ACTIVE", "whole", "acme", "2020-01-02T03:04:05.678901Z"))
            self.assertEqual(human["profile"], {"givenName": "Fulla", "familyName": "Full", "nickName": "Fu", "displayName": "Fulla F",
                                                "preferredLanguage": "de-CH", "gender": "GENDER_FEMALE"})
            self.assertEqual((human["email"], human["phone"], human["passwordChangeRequired"]),
                             ({"email": "whole@acme.example", "isVerified": True}, {"phone": "+41791234568", "isVerified": True}, True))
            factors = self.seen(server, "/management/v1/users/whole-1/auth_factors/_search", {})["result"]
            self.assertEqual([kind for factor in factors for kind in factor if kind != "state"], ["otp", "u2f", "otpSms", "otpEmail"])
            self.assertEqual(factors[1]["u2f"]["name"], "u2f one")
            passkeys = self.seen(server, "/management/v1/users/whole-1/passwordless/_search", {})["result"]
            self.assertEqual([key["name"] for key in passkeys], ["laptop"])
            link = self.seen(server, "/management/v1/users/whole-1/idps/_search", {})["result"][0]
            self.assertEqual((link["idpId"], link["providedUserId"], link["providedUserName"]), ("sso", "ext-1", "fulla there"))
            self.assertEqual(self.grants_of(server, "whole-1"), {"Shop": ["buyer", "clerk"]})
            self.assertEqual(self.metadata_of(server, "whole-1"), {
                "text": b"gold", "bytes": b"\0\1\xff", "number": b"5", "object": b'{"a":[1,true]}', "migration.groups": b'["/g1"]',
                "migration.emails": b'[{"address":"second@acme.example","verified":false}]', "migration.avatar": b"\0\1\2",
                "migration.avatar_type": b"image/png", "migration.required_actions": b'["VERIFY_EMAIL"]',
                "migration.consents": b'[{"clientId":"c1","scopes":["email"],"createdAt":"2020-01-02T03:04:05Z"}]'})

    def test_states_and_what_is_not_said(self):
        users = self.file(person("st1", "st-active", userId="st1", password={"hash": BCRYPT}),
                          person("st2", "st-inactive", userId="st2", state="inactive", password={"hash": BCRYPT}),
                          person("st3", "st-locked", userId="st3", state="locked", password={"hash": BCRYPT}),
                          person("st4", "st-unsaid", userId="st4", email={"address": "st4@acme.example"}, phone={"number": "+41790000000"}),
                          {"sourceId": "st5", "userId": "st5", "email": {"address": "only@acme.example", "verified": False}},
                          person("st6", "st-later", userId="st6", password={"changeRequired": True}))
        lines, _ = self.run_job(users)
        self.assertEqual([line["codes"] for line in lines],
                         [[], [], [], ["email.unverifiable", "phone.unverifiable"], [], ["required_action.kept"]])
        self.assertEqual({line["outcome"] for line in lines}, {"created"})
        with self.serving() as server:
            users = {n: self.seen(server, f"/v2/users/st{n}")["user"] for n in range(1, 7)}
            self.assertEqual([users[n]["state"] for n in (1, 2, 3)], ["USER_STATE_ACTIVE", "USER_STATE_INACTIVE", "USER_STATE_LOCKED"])
            self.assertFalse(users[4]["human"]["email"].get("isVerified", False))
            self.assertEqual(users[5]["username"], "only@acme.example")
            self.assertEqual(self.metadata_of(server, "st6"), {"migration.required_actions": b'["UPDATE_PASSWORD"]'})
            check = {"checks": {"user": {"userId": "st2"}, "password": {"password": "Password1!"}}}
            for user in ("st2", "st3"):
                check["checks"]["user"]["userId"] = user
                self.assertNotEqual(server.call("POST", "/v2/sessions", check)[0], 201, user)
            check["checks"]["user"]["userId"] = "st1"
            self.assertEqual(server.call("POST", "/v2/sessions", check)[0], 201)

    def test_what_cannot_be_kept_is_said(self):
        """(the record's part, codes, lost)"""
        rows = [
            ({"avatar": {"url": "http://img.example/a.png"}}, ["avatar.lost"], ["avatar.url"]),
            ({"profile": {"preferredLanguage": "klingon!!"}}, ["locale.unreadable"], ["profile.preferredLanguage"]),
            ({"profile": {"givenName": "a\u0007b", "gender": "x"}}, ["text.not_kept"], ["profile.givenName", "profile.gender"]),
            ({"email": {"address": "Ada <a@b.c>"}}, ["email.bad"], ["email"]),
            ({"phone": {"number": "12"}}, ["phone.bad"], ["phone"]),
            ({"state": "sleeping"}, ["state.unknown"], ["state"]),
            ({"password": {"hash": "deadbeefdeadbeefdeadbeefdeadbeef"}}, ["password.unsupported"], ["password"]),
            ({"password": {"hash": BCRYPT, "plain": "x"}}, ["password.two_given"], ["password.plain"]),
            ({"password": {"plain": "short"}}, ["password.policy"], ["password.plain"]),
            ({"totp": [{"key": "JBSWY3DPEHPK3PXP", "digits": 9}, {"key": "0"}]}, ["totp.bad_key"], ["totp[0]", "totp[1]"]),
            ({"passkeys": [{"credentialId": "AAAA", "publicKey": "AAAA", "rpId": "a.example"}]}, ["passkey.bad"], ["passkeys[0]"]),
            ({"recoveryCodes": [{}]}, ["recovery_codes.unsupported"], ["recoveryCodes[0]"]),
            ({"otpEmail": True, "otpSms": True}, ["factor.unsupported"], ["otpEmail", "otpSms"]),
            ({"idpLinks": [{"idp": "sso"}, {"idp": "nowhere", "externalId": "1"}]}, ["link.without_id", "link.unknown_idp"], ["idpLinks[0]", "idpLinks[1]"]),
            ({"grants": [{"project": "nowhere", "roles": ["x"]}, {"project": "shop", "roles": ["x"]}]},
             ["grant.unknown_project", "grant.unknown_role"], ["grants[0].roles[x]", "grants[1].roles[x]"]),
            ({"metadata": {"empty": "", "bad": {"base64": "!!"}}}, ["metadata.bad_value"], ["metadata.bad", "metadata.empty"]),
            ({"subjectAliases": [""]}, ["text.not_kept"], ["subjectAliases"]),
            ({"emial": {"address": "x"}, "profile": {"title": "Dr"}}, ["record.unknown_member"], ["emial", "profile.title"]),
            ({"type": "machine", "profile": {"givenName": "G"}, "email": {"address": "a@b.cc"}, "machine": {"name": "M", "keys": [{"publicKey": "zzz"}]}},
             ["machine.key_lost", "machine.part_lost"], ["machine.keys[0]", "profile.givenName", "email"]),
        ]
        refused = [({"type": "robot"}, "record.bad_form"), ({"machine": {"name": "m"}}, "record.both_types"), ({"totp": "x"}, "record.bad_form"),
                   ({"email": {"verified": "yes"}}, "record.bad_form"), ({"createdAt": "yesterday"}, "record.bad_form"), ({"v": 2}, "record.unknown_version"),
                   ({"userId": "4611686018427387904"}, "user.bad_id"), ({"origin": {"codes": ["x"]}}, "record.origin_by_hand")]
        records = [{"sourceId": f"c{n}", "userName": f"cannot{n}", **part} for n, (part, *_) in enumerate(rows + refused)]
        path = self.file(*records)
        lines, _ = self.run_job(path, want=SOME_FAILED)
        told = [(line["outcome"], sorted(line["codes"]), sorted(line["lost"])) for line in lines]
        self.assertEqual(told[:len(rows)], [("partial", sorted(codes), sorted(lost)) for _, codes, lost in rows])
        self.assertEqual(told[len(rows):], [("failed", [code], []) for _, code in refused])

    def test_an_inspection_says_what_the_run_will_lose(self):
        users = self.file(person("i1", "ivo", phone={"number": "12"}), person("i2", "ida", avatar={"url": "http://x"}), person("i3", " "),
                          person("i4", "ian", metadata={"empty": ""}, groups=["/staff"]), person("i5", "ina", grants=[{"project": "later", "roles": ["x"]}]))
        told = json.loads(self.migrate("inspect", "--from", "godwit", users, "--json", want=SOME_FAILED).stdout)
        self.assertEqual(told["codes"], {"avatar.lost": 1, "group.kept": 1, "metadata.bad_value": 1, "phone.bad": 1})
        self.assertEqual((told["partial"], told["failed"], told["errors"]), (3, 1, {"record.no_id": 1}))
        self.assertEqual(told["lost"], {"avatar.url": 1, "metadata.empty": 1, "phone": 1})

    def test_the_schema_and_the_reader_agree(self):
        schema = json.loads(self.migrate("schema").stdout)
        self.assertEqual(schema["anyOf"][0], {"required": ["sourceId"]})
        known, wrong, chosen = [], [], []
        for path, below in members(schema, schema):
            self.assertIn("description", below, path)
            value = self.value_of(below)
            known.append(wrap(path, value))
            wrong.append((path, wrap(path, {"string": 7, "integer": "x", "boolean": 7}.get(below.get("type"), "text"))))
            chosen += [(path, wrap(path, word)) for word in below.get("enum", []) if word]
        # Every member of the schema is one that the reader knows …
        users = self.file(*({"sourceId": f"k{n}", "userName": f"known{n}", **record} for n, record in enumerate(known)))
        told = json.loads(self.migrate("inspect", "--from", "godwit", users, "--json", want=None).stdout)
        self.assertNotIn("record.unknown_member", told["codes"])
        self.assertEqual(set(told["errors"]) - {"record.both_types", "user.bad_id"}, set(), "nor is any of a form that is refused")
        # … a word of a list of words is one that is taken …
        for path, record in chosen:
            for part in record.get("totp", []):
                part["key"] = "JBSWY3DPEHPK3PXP"
            for part in record.get("passkeys", []):
                part |= {"credentialId": "AAAA", "publicKey": COSE, "rpId": "acme.example"}
            users = self.file({"sourceId": "c", "userName": "chosen", "type": "machine" if path.startswith("machine") else "human", **record})
            told = json.loads(self.migrate("inspect", "--from", "godwit", users, "--json", want=None).stdout)
            self.assertEqual((told["errors"], told["codes"]), ({}, {}), (path, record))
        # … what has another type than the schema says is refused …
        users = self.file(*({"sourceId": f"w{n}", **record} for n, (path, record) in enumerate(wrong)))
        told = json.loads(self.migrate("inspect", "--from", "godwit", users, "--json", want=SOME_FAILED).stdout)
        self.assertEqual(told["errors"], {"record.bad_form": len(wrong)}, told["examples"])
        # … and the reader knows no member that the schema has not: those of the record that all others are read into.
        paths = {path for path, _ in members(schema, schema)}
        proto = (ROOT / "proto/godwit/migration/v1/record.proto").read_text()
        fields = proto.split("message UserRecord {")[1].split("\n}")[0]
        names = [line.split("=")[0].split()[-1] for line in fields.splitlines() if line.rstrip().endswith(";") and "//" not in line]
        camel = {name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:]) for name in names}
        self.assertEqual(camel - {"origin"}, {path for path in paths if "." not in path})

    @staticmethod
    def value_of(below):
        if "$ref" in below:
            return {}
        kind = below.get("type", "object")
        return {"string": "2020-01-01T00:00:00Z" if below.get("format") == "date-time" else "AAAA", "integer": 1, "boolean": True, "array": [],
                "object": {}}[kind] if "enum" not in below else below["enum"][-1]

    def test_a_machine_goes_on_with_its_key(self):
        machine = {"sourceId": "m1", "userId": "machine-1", "userName": "batch", "type": "machine", "machine": {
            "name": "Batch", "description": "nightly", "accessTokenType": "jwt",
            "keys": [{"id": "kid-of-old", "publicKey": (self.folder / "machine.pub").read_text(), "expiresAt": "2099-01-01T00:00:00Z"}]}}
        taken = {"sourceId": "m2", "userName": "second", "type": "machine", "machine": {"name": "S", "keys": machine["machine"]["keys"]}}
        users = self.file(machine, taken, person("m3", "behind"))
        lines, _ = self.run_job(users, want=SOME_FAILED)
        self.assertEqual([(line["outcome"], line["codes"]) for line in lines], [("created", []), ("failed", ["user.taken"]), ("created", [])])
        with self.serving() as server:
            self.assertEqual(self.seen(server, "/v2/users/machine-1")["user"]["machine"],
                             {"name": "Batch", "description": "nightly", "accessTokenType": "ACCESS_TOKEN_TYPE_JWT"})
            now = int(time.time())
            signed = ".".join(b64url(json.dumps(part).encode()) for part in (
                {"alg": "RS256", "kid": "kid-of-old"}, {"iss": "machine-1", "sub": "machine-1", "aud": server.base, "iat": now, "exp": now + 300}))
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.folder / "machine.pem")], input=signed.encode(), check=True,
                                       capture_output=True).stdout
            form = urllib.parse.urlencode({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "scope": "openid",
                                           "assertion": f"{signed}.{b64url(signature)}"}).encode()
            with urllib.request.urlopen(server.base + "/oauth/v2/token", form, timeout=60) as answer:
                self.assertEqual(json.loads(answer.read())["token_type"], "Bearer")

    def test_codes_of_every_kind_of_app_are_taken(self):
        # The contract's session check takes six digits; eight are typed at the page.
        kinds = [(algorithm, 6, period) for algorithm in ("SHA1", "SHA256", "SHA512") for period in (30, 60)]
        key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        users = self.file(*(person(f"t{n}", f"totp{n}", userId=f"totp-{n}", password={"hash": BCRYPT},
                                   totp=[{"key": key, "algorithm": algorithm, "digits": digits, "period": period}])
                            for n, (algorithm, digits, period) in enumerate(kinds)))
        lines, _ = self.run_job(users)
        self.assertEqual({line["outcome"] for line in lines}, {"created"})
        with self.serving() as server:
            for n, (algorithm, digits, period) in enumerate(kinds):
                checks = {"user": {"userId": f"totp-{n}"}, "password": {"password": "Password1!"}}
                status, session = server.call("POST", "/v2/sessions", {"checks": checks})
                self.assertEqual(status, 201, session)
                where = f"/v2/sessions/{session['sessionId']}"
                wrong = "0" * digits if totp(key, algorithm, digits, period) != "0" * digits else "1" * digits
                for code, want in ((wrong, 400), (totp(key, algorithm, digits, period), 200)):
                    status, answer = server.call("PATCH", where, {"checks": {"totp": {"code": code}}})
                    self.assertEqual(status, want, (kinds[n], code, answer))


if __name__ == "__main__":
    unittest.main()
