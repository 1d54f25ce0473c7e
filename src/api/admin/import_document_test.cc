#include "api/admin/import_document.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "api/admin/import_test_fixture.h"

namespace godwit::api {
namespace {

Result<ImportDocument> read(std::string_view json) {
    const SpooledText file(json);
    return ImportDocument::read(file.fd());
}

TEST(ImportDocument, FindsThePartsInAnyOrderAndEitherStyleOfNames) {
    for (
        const char* json : {
            R"({"timeout":"10m","dataOrgs":{"orgs":[{"orgId":"o1","org":{"name":"A"},"humanUsers":[{},{}],"domains":[{}]},{"orgId":"o2"}]}})",
            R"({"data_orgs":{"orgs":[{"domains":[{}],"human_users":[{},{}],"unknown":[1],"org":{"name":"A"},"org_id":"o1"},{"org_id":"o2"}]},"timeout":"600s"})",
            R"({"unknown":{"timeout":"1s"},"dataOrgsv1":{"orgs":[{"orgId":"o1","humanUsers":[{},{}],"domains":[{}],"projects":null},{"orgId":"o2"}]},"timeout":"0.5h20m"})",
        }) {
        const auto document = read(json);
        ASSERT_TRUE(document) << document.error().message << json;
        ASSERT_EQ(document->orgs.size(), 2U) << json;
        EXPECT_EQ(document->orgs[0].id, "o1");
        EXPECT_EQ(document->orgs[0].records, 4U);
        EXPECT_EQ(document->records, 5U);
        EXPECT_TRUE(document->orgs[0].part("human_users"));
        EXPECT_FALSE(document->orgs[0].part("projects"));
        EXPECT_GE(document->timeout, std::chrono::minutes(10));
    }
}

TEST(ImportDocument, RefusesBeforeAnythingIsWritten) {
    const std::pair<const char*, const char*> rows[] = {
        {"", "invalid duration \"\""},
        {"{}", "invalid duration \"\""},
        {R"({"timeout":"abc"})", "invalid duration \"abc\""},
        {R"({"timeout":"-1s"})", "invalid duration"},
        {R"({"timeout":"0s"})", "invalid duration"},
        {R"({"timeout":10})", "timeout"},
        {R"({"timeout":"1s","timeout":"1s"})", "twice"},
        {R"({"timeout":"1s","dataOrgs":{},"data_orgs":{}})", "twice"},
        {R"({"timeout":"1s","dataOrgs":{},"dataOrgsv1":{}})", "second source"},
        {R"({"timeout":"1s","dataOrgs":{"orgs":[{"humanUsers":[],"human_users":[]}]}})", "twice"},
        {R"({"timeout":"1s","dataOrgs":{"orgs":[{"humanUsers":{}}]}})", "humanUsers: expected an array"},
        {R"({"timeout":"1s","dataOrgs":{"orgs":[{"org":[]}]}})", "org: expected an object"},
        {R"({"timeout":"1s","dataOrgs":{"orgs":{}}})", "an array is due"},
        {R"({"timeout":"1s","dataOrgs":[]})", "an object is due"},
        {R"({"timeout":"1s","dataOrgs":{"orgs":[{"orgId":5}]}})", "orgId"},
        {R"({"timeout":"1s","dataOrgs":{"orgs":[{]}})", "malformed"},
        {R"({"timeout":"1s"} x)", "follows"},
        {R"({"timeout":"1s","dataOrgsLocal":{"path":"/etc/passwd"}})", "reads no files"},
        {R"({"timeout":"1s","data_orgs_s3":{"bucket":"b"}})", "reads no files"},
        {R"({"timeout":"1s","dataOrgsv1Gcs":{"bucket":"b"}})", "reads no files"},
    };
    for (const auto& [json, reason] : rows) {
        const auto document = read(json);
        ASSERT_FALSE(document) << json;
        EXPECT_EQ(document.error().code, Code::invalid_argument) << json;
        EXPECT_NE(document.error().message.find(reason), std::string::npos) << json << "\n" << document.error().message;
    }
}

TEST(ImportDocument, ABrokenRecordStillSaysWhatItIsOf) {
    for (const char* json : {
             R"({"userId":"u1","user":{"userName":"ada","email":5}})",
             R"({"user":{"userName":"ada","email":5},"userId":"u1"})",
             R"({"state":{},"userId":"u1"})",
             R"({"user":[],"userId":"u1"})",
             R"({"userId":"u1"})",
         }) {
        const SpooledText text(json);
        migration::JsonFile file(text.fd());
        zitadel::v1::v1::DataHumanUser record;
        EXPECT_FALSE(read_record(file, {0, std::string_view(json).size()}, "o", record)) << json;
        EXPECT_EQ(record.user_id(), "u1") << json;
    }
}

TEST(ImportDocument, ARecordWithoutOrganizationMeansTheOneItStandsIn) {
    for (const char* json : {R"({"userLoginMustBeDomain":true})", R"({"orgId":"o1"})"}) {
        const SpooledText text(json);
        migration::JsonFile file(text.fd());
        zitadel::admin::v1::AddCustomDomainPolicyRequest record;
        EXPECT_TRUE(read_record(file, {0, std::string_view(json).size()}, "o1", record)) << json;
        EXPECT_EQ(record.org_id(), "o1");
    }
}

}  // namespace
}  // namespace godwit::api
