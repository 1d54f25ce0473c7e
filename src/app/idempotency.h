// Answers of writing calls, kept sealed in the store under the caller's key (rpc::Idempotency).
#pragma once

#include <chrono>
#include <memory>

#include "base/time.h"
#include "transport/rpc/idempotency.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::store {
class Store;
}

namespace godwit::app {

class KeptAnswers final : public rpc::Idempotency {
public:
    struct Limits {
        std::chrono::seconds lifetime;  ///< of an answer, from the first write of its call
        std::size_t bytes;              ///< of an answer; a longer one is not kept
    };
    /// `store` is one that store::claiming() made; all three outlive this.
    KeptAnswers(store::Store& store, const key::Sealers& sealers, const Clock& clock, Limits limits);
    ~KeptAnswers() override;

    Result<std::string> once(const rpc::KeyedCall& call, const std::function<rpc::Outcome()>& work) override;

private:
    struct Running;

    store::Store& store_;
    const key::Sealers& sealers_;
    const Clock& clock_;
    const Limits limits_;
    std::unique_ptr<Running> running_;
};

}  // namespace godwit::app
