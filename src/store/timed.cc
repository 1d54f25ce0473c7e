#include "store/timed.h"

#include "store/forwarding.h"

namespace godwit::store {
namespace {

class TimedStore final : public ForwardingStore {
public:
    TimedStore(std::unique_ptr<Store> inner, OnWrite on_write) : ForwardingStore(std::move(inner)), on_write_(std::move(on_write)) {}

private:
    Result<void> run_write(Database database, bool bulk, const WriteFn& fn) override {
        const auto begun = std::chrono::steady_clock::now();
        auto outcome = pass_on(database, bulk, fn);
        on_write_(database, bulk, std::chrono::steady_clock::now() - begun);
        return outcome;
    }

    const OnWrite on_write_;
};

}  // namespace

std::unique_ptr<Store> timed(std::unique_ptr<Store> store, OnWrite on_write) {
    return std::make_unique<TimedStore>(std::move(store), std::move(on_write));
}

}  // namespace godwit::store
