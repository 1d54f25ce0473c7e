"""grpcio against a running server: no generated code, everything it knows of the messages it asks by reflection."""
import os
import pathlib
import threading
import unittest

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

TARGET = os.environ["GODWIT_BASE"].removeprefix("http://")
TOKEN = ("authorization", "Bearer " + pathlib.Path(os.environ["GODWIT_ADMIN_PAT"]).read_text().strip())
MANAGEMENT = "zitadel.management.v1.ManagementService"


class Grpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.channel = grpc.insecure_channel(TARGET)
        cls.known = ProtoReflectionDescriptorDatabase(cls.channel)
        cls.pool = descriptor_pool.DescriptorPool(cls.known)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    def call(self, method, fields=None, metadata=(TOKEN,), **options):
        found = self.pool.FindServiceByName(MANAGEMENT).FindMethodByName(method)
        request = message_factory.GetMessageClass(found.input_type)
        response = message_factory.GetMessageClass(found.output_type)
        stub = self.channel.unary_unary(f"/{MANAGEMENT}/{method}", request.SerializeToString, response.FromString)
        return stub.with_call(request(**(fields or {})), metadata=metadata, timeout=options.pop("timeout", 30), **options)

    def refused(self, code, *args, **options):
        with self.assertRaises(grpc.RpcError) as caught:
            self.call(*args, **options)
        self.assertEqual(caught.exception.code(), code, caught.exception)
        return caught.exception

    def test_reflection_lists_the_services(self):
        services = self.known.get_services()
        self.assertIn(MANAGEMENT, services)
        self.assertIn("grpc.health.v1.Health", services)
        self.assertIn("zitadel.user.v2.UserService", services)

    def test_calls_succeed(self):
        answer, call = self.call("GetMyOrg")
        self.assertEqual(answer.org.name, "ZITADEL")
        self.assertEqual(call.code(), grpc.StatusCode.OK)

    def test_metadata_chooses_the_organization(self):
        other, _ = self.call("AddOrg", {"name": "Beside grpcio"})
        answer, _ = self.call("GetMyOrg", metadata=(TOKEN, ("x-zitadel-orgid", other.id)))
        self.assertEqual(answer.org.name, "Beside grpcio")

    def test_errors_carry_the_contracts_detail(self):
        error = self.refused(grpc.StatusCode.NOT_FOUND, "GetUserByID", {"id": "nope"})
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        self.assertIn(b"type.googleapis.com/zitadel.v1.ErrorDetail", details)
        self.refused(grpc.StatusCode.UNAUTHENTICATED, "GetMyOrg", metadata=())
        self.refused(grpc.StatusCode.INVALID_ARGUMENT, "GetUserByID")

    def test_a_method_that_is_not_there_is_unimplemented(self):
        stub = self.channel.unary_unary(f"/{MANAGEMENT}/Nope")
        with self.assertRaises(grpc.RpcError) as caught:
            stub(b"", metadata=(TOKEN,))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_work_past_its_deadline_is_not_done(self):
        def person(name):
            return {"user_name": name, "profile": {"first_name": "D", "last_name": "L"},
                    "email": {"email": f"{name}@example.com", "is_email_verified": True}, "initial_password": "Password1!"}
        # A password's hash alone takes longer, and its user is written after it.
        self.refused(grpc.StatusCode.DEADLINE_EXCEEDED, "AddHumanUser", person("late"), timeout=0.001)
        self.call("AddHumanUser", person("in-time"))  # begun later, hashed as long: when it is done, so is the other
        for name, free in (("late", True), ("in-time", False)):
            answer, _ = self.call("IsUserUnique", {"user_name": name, "email": f"{name}@example.com"})
            self.assertEqual(answer.is_unique, free, name)

    def test_gzip_both_ways(self):
        users = [self.call("AddMachineUser", {"user_name": f"gzip-{i}", "name": "x" * 190}, compression=grpc.Compression.Gzip)[0].user_id
                 for i in range(8)]
        answer, _ = self.call("ListUsers", compression=grpc.Compression.Gzip)
        self.assertLessEqual(set(users), {user.id for user in answer.result})

    def test_a_bomb_is_refused_at_the_limit(self):
        error = self.refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "AddMachineUser", {"user_name": "x" * (64 << 20)},
                             compression=grpc.Compression.Gzip)
        self.assertIn("larger than max", error.details())

    def test_health_is_checked_and_watched(self):
        health = health_pb2_grpc.HealthStub(self.channel)
        for service in ("", MANAGEMENT):
            self.assertEqual(health.Check(health_pb2.HealthCheckRequest(service=service)).status, health_pb2.HealthCheckResponse.SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            health.Check(health_pb2.HealthCheckRequest(service="no.Such"))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
        # More watchers than the read lane has threads hold none of them.
        watchers = [health.Watch(health_pb2.HealthCheckRequest(), timeout=60) for _ in range(40)]
        for watcher in watchers:
            self.assertEqual(next(watcher).status, health_pb2.HealthCheckResponse.SERVING)
        self.call("GetMyOrg")
        for watcher in watchers:
            watcher.cancel()

    def test_many_threads_share_a_channel(self):
        names = []
        threads = [threading.Thread(target=lambda: names.append(self.call("GetMyOrg")[0].org.name)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(names, ["ZITADEL"] * 16)


class Migration(unittest.TestCase):
    """Streams that go one way: records sent, a job watched."""
    SERVICE = "godwit.migration.v1.MigrationService"

    @classmethod
    def setUpClass(cls):
        cls.channel = grpc.insecure_channel(TARGET)
        cls.pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(cls.channel))

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    def stub(self, method):
        found = self.pool.FindServiceByName(self.SERVICE).FindMethodByName(method)
        request, response = (message_factory.GetMessageClass(kind) for kind in (found.input_type, found.output_type))
        kind = ("stream" if found.client_streaming else "unary") + "_" + ("stream" if found.server_streaming else "unary")
        make = getattr(self.channel, kind)(f"/{self.SERVICE}/{method}", request.SerializeToString, response.FromString)
        return lambda argument: make(argument, metadata=(TOKEN,), timeout=60), request

    def test_records_are_sent_and_the_job_is_watched(self):
        create, request = self.stub("CreateJob")
        job = create(request(source="grpcio", idempotency_key="grpcio")).job.id
        watch, request = self.stub("WatchJob")
        watched = watch(request(job_id=job))
        self.assertEqual(next(watched).job.id, job)
        send, request = self.stub("SendRecords")
        enough = threading.Event()

        def records(count, more=False):
            for n in range(count):
                message = request(job_id=job if n == 0 else "", more=more)
                for k in range(10):
                    message.records.add(source_id=f"g{n * 10 + k}", user_name=f"grpcio{n * 10 + k}")
                yield message

        def slowly():
            yield from records(5)
            enough.wait(60)
            yield from list(records(10))[5:]

        sent = threading.Thread(target=lambda: answers.append(send(slowly()).job))
        answers = []
        sent.start()
        for event in watched:  # what was sent is taken in though more is to come
            if event.job.last_record == 50:
                break
        with self.assertRaises(grpc.RpcError) as caught:
            send(records(1))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.ABORTED)
        enough.set()
        sent.join(60)
        self.assertEqual((answers[0].counters.created, answers[0].last_record), (100, 100))
        self.assertEqual([event.job.last_record for event in watched][-1], 100)
        self.assertEqual(send(records(10)).job.counters.records, 100, "once more changes nothing")

        listed, request = self.stub("ListRecords")
        self.assertEqual([line.record for line in listed(request(job_id=job))], list(range(1, 101)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
