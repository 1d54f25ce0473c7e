// A job's initial load (store/initial_load.h): as long as a million users come into a store that holds nearly nobody, no index is kept and
// nobody is looked for. What keeps names, ids and links unique meanwhile is a filter in bounded memory, which knows every claim that was
// made, and now and then takes a free one for taken: such a record is put off until the indexes are there, and then decided as any other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::store {
class Reader;
class Store;
}  // namespace godwit::store

namespace godwit::migration {

struct Batch;
struct JobRow;

/// A Bloom filter, blocked: each key has its bits in one line of the processor's cache (Putze, Sanders, Singler 2007).
class ClaimFilter {
public:
    /// With so many keys, one in about 100,000 new ones seems to be known.
    explicit ClaimFilter(std::uint64_t keys);
    /// False when the key may have been added before.
    bool add(std::string_view key);

private:
    struct Block {
        std::uint64_t words[8];
    };
    std::vector<Block> blocks_;
};

class InitialLoad {
public:
    /// Begins one when that is right: the databases are had alone (RunParts::sole_use), nearly nobody is in the store, and the source has
    /// so many `bytes` that it pays. nullptr: it is not.
    static Result<std::unique_ptr<InitialLoad>> begin(store::Store& store, const JobRow& job, InstanceScope instance, std::uint64_t bytes,
                                                      const std::function<Result<std::shared_ptr<void>>()>& sole_use);

    /// Marks the records of the next batch of the job whose claims (Matcher::claims) may be somebody's as held; all are from now on.
    Result<void> mark(store::Store& store, const JobRow& job, InstanceScope instance, Batch& batch);
    /// The indexes are built: other processes may come.
    void end() { alone_.reset(); }

private:
    explicit InitialLoad(std::uint64_t keys) : taken_(keys) {}
    bool admit(std::span<const std::string> claims);
    Result<void> add_known(store::Reader& db, const JobRow& job, InstanceScope instance);

    ClaimFilter taken_;
    std::shared_ptr<void> alone_;
};

}  // namespace godwit::migration
