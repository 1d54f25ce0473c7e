#include "app/idempotency.h"

#include <mutex>
#include <set>
#include <tuple>

#include "base/log.h"
#include "crypto/compare.h"
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "store/claims.h"

namespace godwit::app {
namespace {

crypto::Place place_of(const store::ClaimKey& key, std::string_view column) {
    return {"idempotency", std::to_string(key.caller.key) + "/" + key.key, column};
}

}  // namespace

/// The keys of the calls that run in this process.
struct KeptAnswers::Running {
    using Name = std::tuple<std::int64_t, std::int64_t, std::string>;

    class Turn {
    public:
        Turn(Running& of, const store::ClaimKey& key) : running_(of), name_(key.instance.no().value, key.caller.key, key.key) {
            const std::lock_guard lock(running_.mutex_);
            mine_ = running_.names_.insert(name_).second;
        }
        ~Turn() {
            if (!mine_) return;
            const std::lock_guard lock(running_.mutex_);
            running_.names_.erase(name_);
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        explicit operator bool() const { return mine_; }

    private:
        Running& running_;
        const Name name_;
        bool mine_ = false;
    };

private:
    std::mutex mutex_;
    std::set<Name> names_;
};

KeptAnswers::KeptAnswers(store::Store& store, const key::Sealers& sealers, const Clock& clock, Limits limits)
    : store_(store), sealers_(sealers), clock_(clock), limits_(limits), running_(std::make_unique<Running>()) {}
KeptAnswers::~KeptAnswers() = default;

Result<std::string> KeptAnswers::once(const rpc::KeyedCall& call, const std::function<rpc::Outcome()>& work) {
    const store::ClaimKey key{call.instance, call.caller, call.key};
    const Running::Turn turn(*running_, key);
    if (!turn) return fail(Code::aborted, rpc::kStillRunning, "a call with this Idempotency-Key is still running; ask again in a second");
    const auto sealer = TRY(sealers_.of(call.instance));

    if (const auto claim = TRY(store::find_claim(store_, key, clock_.now()))) {
        const Secret first = TRY(sealer->open(place_of(key, "request"), claim->fingerprint));
        if (!crypto::constant_time_equals(first, Secret(TRY(call.request_sha256()))))
            return fail(Code::failed_precondition, rpc::kOtherRequest,
                        "this Idempotency-Key was used for another request; a new request needs a new key");
        if (claim->answer.empty())
            return fail(Code::already_exists, rpc::kOutcomeLost,
                        "the call with this Idempotency-Key wrote something, and its answer was not kept (it broke off, or was too long): "
                        "look at what it did before you repeat it with a new key");
        return std::string(TRY(sealer->open(place_of(key, "response"), claim->answer)).reveal());
    }

    std::optional<store::Database> committed;
    rpc::Outcome outcome;
    {
        // Sealed as well: a request may hold a password, and its digest would let whoever has the file try passwords.
        const store::PendingClaim pending(key, limits_.lifetime, [&]() -> Result<std::string> {
            return sealer->seal(place_of(key, "request"), TRY(call.request_sha256()));
        });
        outcome = work();
        committed = pending.committed();
    }
    if (committed && outcome.final && outcome.bytes.size() <= limits_.bytes) {
        const auto kept = store::keep_answer(store_, *committed, key, sealer->seal(place_of(key, "response"), outcome.bytes));
        if (!kept) log::warn("the answer under an Idempotency-Key could not be kept", {{"error", kept.error().message}});
    }
    return std::move(outcome.bytes);
}

}  // namespace godwit::app
