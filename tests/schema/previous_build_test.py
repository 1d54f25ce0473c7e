"""The build before the newest version of the schema (or that of the commit GODWIT_PREVIOUS_BUILD), on databases that this tree makes: its
store's tests pass, and it refuses what demands more of it. It is built from the repository's history, and skipped where that is not at hand."""
import os
import shutil
import subprocess
import unittest

from tests.schema.schema import REFUSALS, ROOT, make_schema

# Says on which databases tests run, not what they do; that of an older build cannot ask make_schema.
FIXTURE = "src/store/testing/store_test_fixture.cc"


def git(*words):
    """What git prints; nothing when it fails."""
    done = subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    return "" if done.returncode else done.stdout.strip()


def previous():
    """The last commit that does not know the newest version of `directory` or of `runtime`; SkipTest when this clone does not have it."""
    asked = os.environ.get("GODWIT_PREVIOUS_BUILD")
    newest = [str(max((ROOT / "src/store/schema").glob(f"{database}_*.sql"))) for database in ("directory", "runtime")]
    being_written = any(not git("log", "-1", "--format=%H", "--", file) for file in newest)
    added = git("log", "-1", "--diff-filter=A", "--format=%H", "--", *newest)
    commit = git("rev-parse", "--verify", asked or ("HEAD" if being_written else f"{added}^"))
    if commit and git("ls-tree", commit, "src/store"):
        return commit
    raise unittest.SkipTest(f"{asked or 'the commit before the newest version of the schema'} is not in this clone (a shallow one? git fetch --unshallow)")


def unpack(commit, folder):
    """The files of a commit."""
    if folder.exists():
        return
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    with subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", unfinished], stdin=archive.stdout, check=True)
    if archive.returncode:
        raise AssertionError(f"git archive {commit} failed")
    unfinished.rename(folder)


def build(commit):
    """(the program with the tests of that commit's store, where it is to run)"""
    place = ROOT / "build/previous" / commit[:12]
    tree = place / "tree"
    unpack(commit, tree)
    if (tree / FIXTURE).read_bytes() != (ROOT / FIXTURE).read_bytes():
        shutil.copyfile(ROOT / FIXTURE, tree / FIXTURE)
    # Without what takes time to compile: whether that build was a good one, its own tests have said.
    subprocess.run(["cmake", "-S", tree, "-B", place / "build", "-G", "Ninja", "-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_C_COMPILER=gcc",
                    "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", place / "build", "--target", "store_test", "--", "--quiet"], check=True)
    return place / "build/src/store/store_test", tree


class PreviousBuildTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        commit = previous()
        print(f"the build of {commit[:12]}", flush=True)
        cls.program, cls.tree = build(commit)

    def store_tests(self, mode, *words):
        return subprocess.run([self.program, *words], cwd=self.tree, check=False, capture_output=True, text=True,
                              env={**os.environ, "GODWIT_TEST_NEWER_SCHEMA": f"{make_schema()} {mode}"})

    def knows_all_statistics(self):
        """Builds from before told SQLite of users only, and again when a load has ended: what this schema says of other tables is gone then."""
        return any("VALUES ('external_refs'" in file.read_text() for file in (self.tree / "src/store/schema").glob("directory_*.sql"))

    def test_its_store_tests_pass_on_the_schema_of_this_tree(self):
        ran = self.store_tests("now", *(() if self.knows_all_statistics() else ("--gtest_filter=-*ThePlannerKnowsWhatItKnew*",)))
        self.assertEqual(ran.returncode, 0, ran.stdout[-4000:] + ran.stderr[-2000:])
        self.assertRegex(ran.stdout, r"\[  PASSED  \] \d\d+ tests")

    def test_it_refuses_what_demands_more_and_says_why(self):
        for mode, refusal in REFUSALS.items():
            for engine in ("sqlite", "postgres"):
                with self.subTest(mode=mode, engine=engine):
                    ran = self.store_tests(mode, f"--gtest_filter=*KeepsEveryTypeAsItWas/{engine}")
                    self.assertNotEqual(ran.returncode, 0, ran.stdout)
                    self.assertRegex(ran.stderr, refusal)


if __name__ == "__main__":
    unittest.main()
