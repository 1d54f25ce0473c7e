// One run of a batch's transaction: decides, creates, updates. Internal to writer.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "directory/user/users.h"
#include "migration/engine/batch.h"
#include "migration/engine/matching.h"
#include "migration/engine/writer.h"

namespace godwit::migration {

class Writer::Attempt {
public:
    /// `db` decides and, unless `scratch` makes it a rehearsal, is the store::Writer `writer`.
    Attempt(store::Reader& db, store::Writer* writer, const Writer& owner, Batch& batch, std::size_t first, std::size_t count);

    /// already_exists "MIGRATE-look" when it did not look first, and somebody is here already.
    Result<void> run(bool look);

    std::vector<RecordResult>& results() { return results_; }

private:
    enum class Act { create, update, settled };

    /// Who is here already may be changed.
    bool changes() const { return options_.on_conflict() == v1::ON_CONFLICT_UPDATE || options_.on_conflict() == v1::ON_CONFLICT_MERGE; }
    RecordResult& result(std::size_t i) { return results_[i - first_]; }
    std::optional<Ref>& ref(std::size_t i) { return refs_[i - first_]; }
    void settle(std::size_t i, Outcome outcome, std::string_view code, std::string message = {});

    Result<void> run_wave(std::span<const std::size_t> wave, bool look);
    Result<Act> decide(std::size_t i);
    Result<void> create(std::span<const std::size_t> which, bool look);
    Result<void> create_in(OrgId org, std::span<const std::size_t> which, bool look);
    void refuse(std::size_t i, const Error& error);
    Result<void> update(std::size_t i);
    /// Who is here already, or would be, that the record means; nullptr: nobody.
    const Person* person(std::size_t i) const;
    std::vector<PartClaim> parts_taken(std::size_t i);
    /// In a rehearsal: what of a user who is here, or would be, an earlier record would have taken.
    void foresee_parts(std::size_t i);
    /// With whom the old subjects of the wave are already.
    Result<void> load_aliases(std::span<const std::size_t> wave);
    Result<void> take_aliases(std::size_t i);
    Result<void> remember(std::size_t i);
    Result<void> write_arrivals(std::span<const std::size_t> wave);
    Result<void> write_absences();

    store::Reader& db_;
    store::Writer* const writer_;
    const Writer& owner_;
    const InstanceScope instance_;
    const v1::JobOptions& options_;
    const user::MergeOptions merge_;
    Batch& batch_;
    const std::size_t first_;
    std::vector<RecordResult> results_;
    std::vector<std::optional<Ref>> refs_;  ///< as they were
    std::vector<std::optional<Match>> matches_;
    Matcher matcher_;
    std::unordered_map<std::string, std::int64_t> alias_owners_;  ///< in the store
    std::vector<Scratch::Claim> claims_;                          ///< of a rehearsal's wave
};

}  // namespace godwit::migration
