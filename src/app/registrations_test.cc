#include "app/registrations.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "api/admin/import.h"
#include "api/migration/migrations.h"
#include "app/migrations.h"
#include "app/services.h"
#include "store/store_test_fixture.h"
#include "transport/rpc/registry.h"

namespace godwit::app {
namespace {

class RegistrationsTest : public store::StoreTest {};
GODWIT_ON_BOTH_ENGINES(RegistrationsTest);

TEST_P(RegistrationsTest, EveryDeclaredRpcIsServed) {
    const ServiceSetup setup{.external = {}, .hasher = {.argon2_memory_kib = 64, .argon2_passes = 1}, .verifier = {}, .lifetimes = {}};
    auto services = Services::build(store(), clock(), *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))), setup);
    ASSERT_TRUE(services) << services.error().message;
    rpc::Registry registry;
    api::Migrations migrations(run_parts(**services, "/nonexistent"), (*services)->permissions, {});
    register_rpcs(registry, **services, {.body_bytes = 1 << 20, .spool_directory = "/nonexistent"}, migrations);
    EXPECT_THAT(registry.unserved(), ::testing::IsEmpty());
    EXPECT_GT(registry.methods().size(), 80u);
}

TEST_P(RegistrationsTest, WhatReadsWaitsAmongTheReadsAndNothingElseDoes) {
    const ServiceSetup setup{.external = {}, .hasher = {.argon2_memory_kib = 64, .argon2_passes = 1}, .verifier = {}, .lifetimes = {}};
    auto services = Services::build(store(), clock(), *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))), setup);
    ASSERT_TRUE(services) << services.error().message;
    rpc::Registry registry;
    api::Migrations migrations(run_parts(**services, "/nonexistent"), (*services)->permissions, {});
    register_rpcs(registry, **services, {.body_bytes = 1 << 20, .spool_directory = "/nonexistent"}, migrations);
    for (const auto* method : registry.methods()) {
        const std::string& name = method->name();
        const bool reads =
            name.starts_with("Get") || name.starts_with("List") || name.starts_with("Is") || name.starts_with("Watch") || name == "Healthz";
        EXPECT_EQ(registry.options(method->service()->full_name() + "/" + name).writes(), !reads)
            << method->full_name() << ": the lane also says whether an Idempotency-Key means something";
    }
}

}  // namespace
}  // namespace godwit::app
