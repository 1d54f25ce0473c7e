"""Tests of the judge itself. Needs no server: python3 -m unittest discover -s tests/golden -p '*_test.py'."""
import unittest

import replay
import run

CASE = {"case": "c", "request": {"method": "GET", "path": "/"}, "status": 200, "body": {"id": "{{id1}}", "state": "ACTIVE"}}


def sent(status, body):
    """A case with the answer a server gave, as replay yields it."""
    answer = (status, {}, body)
    return CASE, answer, replay.differences(CASE, answer, {})


SAME = sent(200, {"id": "7", "state": "ACTIVE"})
REFUSED = sent(400, {"code": 3, "message": "no", "details": [{"id": "USER-1", "message": "no"}]})
REFUSED_OTHERWISE = sent(400, {"code": 3, "message": "no", "details": [{"id": "USER-2", "message": "no"}]})
PINNED = run.shapes([REFUSED])


class Judge(unittest.TestCase):
    def test_knows_the_kinds(self):
        rows = [
            ("same", [SAME], None, [], None),
            ("different", [REFUSED], None, [], "DIFF"),
            ("waiting", [REFUSED], "waits: x", [], None),
            ("waiting, yet the same", [SAME], "waits: x", [], "STALE"),
            ("one of two of a name still waits", [SAME, REFUSED], "waits: x", [], None),
            ("better, as pinned", [REFUSED], "better: x", PINNED, None),
            ("better, otherwise than pinned", [REFUSED_OTHERWISE], "better: x", PINNED, "OTHER"),
            ("better, and more that the clock decides", [REFUSED], "better: x", ["status 400, recorded 200", "…"], None),
            ("better, yet the same", [SAME], "better: x", PINNED, "STALE"),
            ("no repetition there", [SAME], "reference: x", [], None),
            ("not sent", [(CASE, None, None)], "waits: x", [], None),
        ]
        for name, cases, reason, pinned, verdict in rows:
            with self.subTest(name):
                self.assertEqual((run.judge(cases, reason, pinned) or "").split(":")[0].split(" ")[0], verdict or "")

    def test_pins_status_code_and_id_but_no_values(self):
        self.assertIn("answers 400 3 USER-1", PINNED)
        self.assertEqual(run.shape((200, {}, {}), ["body.urn:123456789:roles: missing", "body.id: '1', recorded '2'", "Location 'a', recorded 'b'"]),
                         ["answers 200", "body.urn:N:roles: missing", "body.id: other", "Location: other"])

    def test_counts_what_waits(self):
        table = run.waiting_table({"s/a": "waits: b", "s/b": "waits: b", "s/c": "waits: a", "s/d": "better: c"})
        self.assertEqual(table, "| waits for | cases |\n| --- | ---: |\n| b | 2 |\n| a | 1 |\n| together | 3 |\n")


class Compare(unittest.TestCase):
    def test_binds_placeholders_where_they_appear_first(self):
        values = {}
        self.assertTrue(replay.match_string("V2_{{id1}}", "V2_5", values))
        self.assertEqual(values["id1"], "5")
        self.assertFalse(replay.match_string("{{id1}}", "6", values))

    def test_wording_of_errors_may_differ(self):
        out = []
        replay.compare({"code": 3, "message": "a"}, {"code": 3, "message": "b"}, {}, "body", out, True)
        self.assertEqual(out, [])


if __name__ == "__main__":
    unittest.main()
