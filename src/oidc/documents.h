// Discovery and key set as ready texts, by host: answered on the I/O thread without a look at the database, about a second old; at most
// ten, when making them anew fails or is late.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace godwit::oidc {

struct Documents {
    std::string discovery;
    std::string keys;
    Time made;
};

/// What is asked for is made anew before it is old (Provider::renew_documents), by nobody who waits for it: else those who ask at that
/// moment would wait in a lane that may be full, and a flood of something else would take discovery and keys away from everybody.
class DocumentCache {
public:
    explicit DocumentCache(const Clock& clock) : clock_(clock) {}

    /// An issuer's texts on a host; `issuer` 0 is the host's own.
    using Name = std::pair<std::string, std::int64_t>;

    /// The texts, when they are fresh enough to be answered; null when they must be made first.
    std::shared_ptr<const Documents> find(const Name& name) const;
    /// `path` is one that leads to them.
    void put(const Name& name, std::string path, std::shared_ptr<const Documents> documents);
    void remove(const Name& name);

    struct Wanted {
        Name name;
        std::string path;
    };
    /// Those to be made anew now: what was asked for since the last time, and of a few hosts what was within a minute. The others are
    /// forgotten.
    std::vector<Wanted> wanted();

private:
    /// While renewing fails, or goes through thousands of hosts, texts that may be outdated are better than none.
    static constexpr std::chrono::seconds kGoodFor{10};
    static constexpr std::chrono::seconds kRemembered{60};
    static constexpr std::size_t kFewHosts = 100, kMaxHosts = 10'000;

    struct Entry {
        std::string path;
        std::shared_ptr<const Documents> documents;
        mutable Time asked;
    };
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<Name, Entry> entries_;
};

}  // namespace godwit::oidc
