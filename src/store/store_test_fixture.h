// The suite that runs every test of the store's users on both engines:
//
//   class UserStoreTest : public store::StoreTest {};
//   GODWIT_ON_BOTH_ENGINES(UserStoreTest);
//   TEST_P(UserStoreTest, KeepsTheName) { store().write(Database::directory, …) }
//
// with TEST_DEPS store_testing in the room's CMakeLists.txt. SQLite runs in a temporary directory, PostgreSQL in schemas of the
// process' own, emptied before each test, on the server of store/testing/private_postgres.h.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/time.h"
#include "store/store.h"

namespace godwit::store {

/// Stands still until a test moves it. Any thread.
class ManualClock final : public Clock {
public:
    Time now() const override { return {micros_.load()}; }
    void advance(std::chrono::microseconds by) { micros_ += by.count(); }
    void set(Time time) { micros_ = time.micros; }

private:
    std::atomic<std::int64_t> micros_{1'780'000'000'000'000};  // 2026-05-28T20:26:40Z
};

/// The parameter is the engine: "sqlite" or "postgres".
class StoreTest : public ::testing::TestWithParam<const char*> {
protected:
    StoreTest();
    ~StoreTest() override;

    Store& store() { return *store_; }
    ManualClock& clock() { return clock_; }
    InstanceScope scope() const { return InstanceScope::of({1}); }
    InstanceScope other_scope() const { return InstanceScope::of({2}); }

    bool on_sqlite() const { return std::string_view(GetParam()) == "sqlite"; }
    /// Closes the store, as a stop of the program does.
    void close() { store_.reset(); }
    /// Opens it, over what is there.
    Result<std::unique_ptr<Store>> open();
    void reopen();

    const std::string& directory() const { return directory_; }   ///< of SQLite's files
    const std::string& schema_prefix() const { return prefix_; }  ///< of PostgreSQL's schemas

private:
    Result<void> bring_to_newer_schema();

    ManualClock clock_;
    std::string directory_;
    std::string prefix_;
    std::unique_ptr<Store> store_;
};

}  // namespace godwit::store

#define GODWIT_ON_BOTH_ENGINES(Suite)                                                 \
    INSTANTIATE_TEST_SUITE_P(Engines, Suite, ::testing::Values("sqlite", "postgres"), \
                             [](const auto& engine) { return std::string(engine.param); })
