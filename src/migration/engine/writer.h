// The last stage: what a batch means is decided, written and accounted for in one transaction; or, in a rehearsal, decided and accounted
// for.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "migration/engine/batch.h"
#include "migration/engine/jobs.h"
#include "migration/engine/matching.h"
#include "migration/engine/scratch.h"
#include "store/editor.h"
#include "store/store.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::user {
class Users;
}

namespace godwit::migration {

class Writer {
public:
    struct Parts {
        store::Store& store;
        user::Users& users;
        const key::Sealers& sealers;
    };
    /// `scratch` makes it a rehearsal. All outlive it.
    Writer(const Parts& parts, const Claimed& claimed, const store::Editor& editor, Scratch* scratch);

    /// Takes in the records [first, first + count) of the batch, the next ones of the job, with `checkpoint` brought up to date, `slice` of
    /// them at a time; when `enough` says so after one, the others are left for the next call. How many it took: these are committed, or
    /// none is. Errors: aborted STORE-fence (paused, cancelled, taken over), those of the store.
    Result<std::size_t> write(Batch& batch, std::size_t first, std::size_t count, std::size_t slice, const std::function<bool()>& enough,
                              Checkpoint& checkpoint);

    /// From here on users come without being looked for; records marked as held (InitialLoad) are put off.
    void begin_load() { loading_ = true; }
    bool loading() const { return loading_; }
    std::size_t held() const { return held_.size(); }
    /// The indexes are there: what was put off, to be written as any other batch.
    Batch end_load();

private:
    class Attempt;
    struct Stretch;
    Result<std::size_t> write_once(Batch& batch, const Stretch& stretch, bool look, Checkpoint& checkpoint);
    Result<void> rehearse(Batch& batch, std::size_t first, std::size_t count, Checkpoint& checkpoint);
    void put_off(Batch& batch, std::size_t first, std::size_t count);
    Result<void> account(store::Writer& db, const Batch& batch, std::size_t first, std::span<RecordResult> results, Checkpoint& checkpoint);

    const Parts parts_;
    const Claimed& claimed_;
    const store::Editor editor_;
    Scratch* const scratch_;
    bool must_look_;  ///< no unique index would notice a verified address, nor that nobody is to be made
    bool loading_ = false;
    std::vector<Prepared> held_;
    std::vector<user::NewUser> held_users_;
    bool met_known_ = false;  ///< the last batch held records that were here already: the next one is looked up first
};

}  // namespace godwit::migration
