// Discovery and key set as ready texts, by host: answered on the I/O thread without a look at the database, at most two seconds old.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace godwit::oidc {

struct Documents {
    std::string discovery;
    std::string keys;
    Time made;
};

class DocumentCache {
public:
    explicit DocumentCache(const Clock& clock) : clock_(clock) {}

    /// The texts of a host when they are fresh enough to be answered; null when they must be made first. Near their end one caller
    /// gets null, so that they are renewed while all others are still answered.
    std::shared_ptr<const Documents> find(std::string_view host) const;
    void put(std::string_view host, std::shared_ptr<const Documents> documents);

private:
    static constexpr std::chrono::milliseconds kRenewAfter{1'000}, kGoodFor{2'000};
    static constexpr std::size_t kMaxHosts = 10'000;

    struct Entry {
        std::shared_ptr<const Documents> documents;
        mutable bool renewing = false;
    };
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace godwit::oidc
