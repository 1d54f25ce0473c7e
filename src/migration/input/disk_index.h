// Where in files the records of a key stand: joins of files larger than memory. Filled once, then asked; what does not fit into memory lies
// sorted in scratch files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "migration/spool.h"

namespace godwit::migration {

class DiskIndex {
public:
    struct Place {
        std::uint64_t begin = 0;
        std::uint32_t length = 0;
        std::uint16_t file = 0, kind = 0;  ///< what the caller likes
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    /// `memory_bytes` is what it holds of its entries before it writes them out.
    explicit DiskIndex(std::string scratch, std::size_t memory_bytes = 32u << 20);

    /// Errors: those of Spool.
    Result<void> add(std::string_view key, Place place);
    /// Once, after the last add().
    Result<void> finish();

    /// Every place whose key has the hash of this one, ordered as places are: look whether what stands there really has the key. Asked by
    /// one thread at a time.
    Result<std::vector<Place>> find(std::string_view key);
    std::uint64_t size() const { return size_; }

private:
    struct Entry {
        std::uint64_t hash = 0;
        Place place;
        friend auto operator<=>(const Entry&, const Entry&) = default;
    };
    class Run;
    static constexpr std::size_t kPage = 256;  ///< entries

    Result<void> write_run();
    Result<void> merge();
    Result<void> load(std::uint64_t page);

    std::string scratch_;
    std::size_t room_;
    std::vector<Entry> entries_;        ///< all of them when they fit; a page of the sorted file when not
    std::vector<Spool> runs_;           ///< sorted each; after finish() one or none
    std::vector<std::uint64_t> first_;  ///< hash of the first entry of each page
    std::uint64_t size_ = 0, page_ = UINT64_MAX;
};

}  // namespace godwit::migration
