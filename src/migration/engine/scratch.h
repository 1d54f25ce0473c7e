// What a rehearsal would have written: the claims of the records before, so that conflicts inside a file show. On disk, for a file of
// any size; gone with this object.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/time.h"

namespace godwit::store {
class Store;
}

namespace godwit::migration {

class Scratch {
public:
    /// In a folder of its own below `directory`. Errors: those of the store.
    static Result<std::unique_ptr<Scratch>> create(const std::string& directory, const Clock& clock);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    struct Claim {
        std::string key;
        std::int64_t by = 0;      ///< the record whose user would have it; below 0: the user here, negated
        std::int64_t hash64 = 0;  ///< of the record
    };
    /// The first claim of a key stays; another of the same brings its hash up to date.
    Result<void> add(std::span<const Claim> claims);
    /// Which of the keys are claimed.
    Result<std::unordered_map<std::string, Claim>> find(std::span<const std::string> keys);

private:
    Scratch(std::string folder, std::unique_ptr<store::Store> store);
    const std::string folder_;
    std::unique_ptr<store::Store> store_;
};

}  // namespace godwit::migration
