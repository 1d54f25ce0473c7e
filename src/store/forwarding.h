// The same store with something added to its writes.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "store/store.h"

namespace godwit::store {

/// Hands everything on but writes, which the derived class hands on by pass_on().
class ForwardingStore : public Store {
public:
    explicit ForwardingStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

    bool writers_waiting(Database database) const override { return inner_->writers_waiting(database); }
    Result<void> ping() override { return inner_->ping(); }
    std::string_view engine() const override { return inner_->engine(); }

protected:
    using WriteFn = std::function<Result<void>(Writer&)>;
    Result<void> pass_on(Database database, bool bulk, const WriteFn& fn) {
        return bulk ? inner_->write_bulk(database, fn) : inner_->write(database, fn);
    }

private:
    Result<void> run_read(Database database, const std::function<Result<void>(Reader&)>& fn) override { return inner_->read(database, fn); }

    const std::unique_ptr<Store> inner_;
};

}  // namespace godwit::store
