// What a source of a migration is: files of another system, read one record at a time and mapped to the canonical record.
//
// A source is a folder of its own here and one line in sources.cc. `next` reads and is called by one thread; `map` is pure and may be
// called by several at once. Neither looks at the store: what the record says is checked by the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "godwit/migration/v1/record.pb.h"

namespace godwit::migration {

/// A record as it stands in the source.
struct RawRecord {
    std::uint64_t number = 0;         ///< from 1, over all files of the source, in an order that is the same each time; 0: none yet
    std::string bytes;                ///< in the source's own form: what `report --failed --as-source` writes back
    std::vector<std::string> joined;  ///< what other files say of the same person, in the source's own form
    std::optional<Error> error;       ///< what kept it from being read whole ("record.too_long"); `map` answers it

    /// What it is made of when it needs no reading: the canonical record, of a client that sends those, until the next is read. Then
    /// `bytes` is empty.
    v1::UserRecord* sent = nullptr;
    std::size_t sent_bytes = 0;
    std::optional<v1::UserRecord> mapped;  ///< by `take`

    /// Bytes of all of it.
    std::size_t size() const {
        std::size_t all = bytes.size() + sent_bytes;
        for (const std::string& other : joined) all += other.size();
        return all;
    }
};

/// Source::take of what `map` reads.
inline Result<v1::UserRecord*> keep_mapped(RawRecord& raw, Result<v1::UserRecord> mapped) {
    if (!mapped) return std::unexpected(std::move(mapped).error());
    return &raw.mapped.emplace(*std::move(mapped));
}

/// Something noticed about the source as a whole: "a realm file without users; acme-users-0.json lies beside it".
struct SourceWarning {
    std::string code;     ///< of the catalogue, codes.h
    std::string message;  ///< what it means here, and what to do
};

/// source.ignored_file for what unread_in names (input/files.h); nothing for nothing.
inline void warn_of_unread(std::string unread, std::vector<SourceWarning>& warnings) {
    if (!unread.empty()) warnings.push_back({"source.ignored_file", std::move(unread)});
}

class Source {
public:
    virtual ~Source() = default;

    /// The next record; false after the last. What waits for somebody to send it answers number 0 now and then. Errors: the file cannot be
    /// read on from here, with its name and byte. What is wrong with one record alone is for `map` to say.
    virtual Result<bool> next(RawRecord& out) = 0;

    /// The record in canonical form; what it holds and the form cannot say is in `origin.lost`, what was noticed in `origin.codes`;
    /// `source_id` is never empty. Error: not a record at all (bad JSON, no id); the record fails with the error's id as its code.
    virtual Result<v1::UserRecord> map(const RawRecord& raw) const = 0;

    /// The same for who wants it but once: where it lies, as long as `raw` and until the next is read. It may be changed there, and `raw`
    /// is no more what it was.
    virtual Result<v1::UserRecord*> take(RawRecord& raw) const { return keep_mapped(raw, map(raw)); }

    /// Of a record that `map` refuses: the source id that it would have, for the report; "" when it cannot be read.
    virtual std::string id_of(const RawRecord& raw) const = 0;

    /// What a user name template may use besides the record's own fields: {"realm": "acme"}.
    virtual std::map<std::string, std::string> variables() const { return {}; }
    /// Things in the files that are no users and do not come along, and how many: {"roles": 12, "clients": 3}.
    virtual std::map<std::string, std::uint64_t> others() const { return {}; }
    /// Known when the files were opened; more may be known after the last record.
    virtual std::vector<SourceWarning> warnings() const { return {}; }
    /// What precedes and follows the records when some of them are written back as a file of this source: `[` and `]`, a header line.
    virtual std::pair<std::string, std::string> frame() const { return {}; }
    virtual std::string_view separator() const { return "\n"; }
    /// Bytes of all files, and how many are behind `next`, for progress; compressed ones count as they lie on disk.
    virtual std::uint64_t total_bytes() const = 0;
    virtual std::uint64_t read_bytes() const = 0;
};

struct SourceOptions {
    std::vector<std::string> paths = {};  ///< files and folders
    std::string passwords = {};           ///< --passwords: the file with the hashes, for sources that give them apart
    std::string mapping = {};             ///< --mapping: YAML, for csv, tsv and ndjson
    std::string scratch = {};             ///< folder for what does not fit into memory
    std::string rp_id = {};               ///< domain of passkeys whose export does not say it
};

/// One kind of `--from`.
struct SourceKind {
    std::string_view name;     ///< "keycloak"
    std::string_view summary;  ///< for --help: what files it reads
    Result<std::unique_ptr<Source>> (*open)(const SourceOptions& options);
    bool takes_passwords = false;  ///< --passwords
    bool takes_mapping = false;    ///< --mapping
};

/// All kinds, in the order of --help.
std::span<const SourceKind> source_kinds();
/// invalid_argument MIGRATE-Kind0 with the kinds there are.
Result<const SourceKind*> find_source_kind(std::string_view name);
/// The source in these files. Errors: invalid_argument MIGRATE-Kind1 for a file that is named and that the kind has no use for; those of
/// reading the files' beginnings.
Result<std::unique_ptr<Source>> open_source(const SourceKind& kind, const SourceOptions& options);
/// By what is in the first files; a guess, which people should be told. Errors: those of opening them.
Result<const SourceKind*> guess_source_kind(std::span<const std::string> paths);

}  // namespace godwit::migration
