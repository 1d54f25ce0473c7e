// What is in the files of a source: counted without a store, before anybody decides anything.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "credentials/password/verifier.h"
#include "migration/sources/source.h"

namespace godwit::migration {

/// How often each name occurred. Beyond a thousand names the rest is one number: a file may have one for each user.
class Tally {
public:
    void add(const std::string& name, std::uint64_t times = 1);
    void merge(const Tally& other);
    /// The most frequent first, equal ones by name.
    std::vector<std::pair<std::string, std::uint64_t>> ranked() const;
    std::uint64_t others() const { return others_; }
    bool empty() const { return counts_.empty(); }

private:
    static constexpr std::size_t kMaxNames = 1000;
    std::map<std::string, std::uint64_t> counts_;
    std::uint64_t others_ = 0;
};

struct Inspection {
    std::uint64_t records = 0, humans = 0, machines = 0, left_out = 0, failed = 0, partial = 0, bytes = 0;
    Tally states, passwords, refused_passwords, factors, emails, phones, links, grants, groups, organizations, metadata, codes, lost;
    Tally errors;                                   ///< by code
    std::map<std::uint64_t, std::string> examples;  ///< of errors, by record: "record 17: …"
    // Of the source as a whole.
    std::map<std::string, std::uint64_t> others;
    std::map<std::string, std::string> variables;
    std::vector<SourceWarning> warnings;
    std::string kind;

    /// Nobody would want a run over these files to look like a success.
    bool bad() const;
};

/// Reads all of it, on `threads`, and checks what a run would check of a record without a store. `rp_id`: the domain of passkeys that say
/// none. `progress` is called with the share that is done, now and then. Errors: those of Source::next.
Result<Inspection> inspect(Source& source, unsigned threads, const std::function<void(double share)>& progress,
                           const std::string& rp_id = {});

/// For people; and the same as JSON, for programs.
std::string to_text(const Inspection& inspection);
std::string to_json(const Inspection& inspection);

}  // namespace godwit::migration
