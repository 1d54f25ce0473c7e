// A job's run: reader and map ahead on one thread, writing on the caller's; at most one batch lies in each stage.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "godwit/migration/v1/migration.pb.h"
#include "migration/engine/jobs.h"
#include "migration/engine/served_load.h"
#include "migration/sources/source.h"
#include "store/editor.h"

namespace godwit::key {
class Sealers;
}
namespace godwit::org {
class Orgs;
}
namespace godwit::signin {
class PasswordCheck;
}
namespace godwit::user {
class Users;
}

namespace godwit::migration {

struct RunParts {
    store::Store& store;
    const Clock& clock;
    org::Orgs& orgs;
    user::Users& users;
    signin::PasswordCheck& passwords;
    const key::Sealers& sealers;
    std::string scratch;  ///< folder for what a rehearsal remembers
    /// Of a process that serves nobody, whose large sources may come as an initial load: keeps all other processes from the databases
    /// as long as what it answers lives. nullptr: there are others.
    std::function<Result<std::shared_ptr<void>>()> sole_use = nullptr;
    /// Of a process that serves; nullptr: all indexes are kept up whatever comes.
    ServedLoads* served_loads = nullptr;
};

struct RunHooks {
    /// True: stop before the next batch; the job waits, and can be run again. Any thread.
    std::function<bool()> stop = [] { return false; };
    /// After each commit, on the caller's thread; `source_bytes` of the source are behind it.
    std::function<void(const Checkpoint&, std::uint64_t source_bytes)> on_batch = [](const Checkpoint&, std::uint64_t) {};
    /// After each index that an initial load left out.
    std::function<void(std::size_t built, std::size_t of)> on_index = [](std::size_t, std::size_t) {};
    /// True: the process ends, and the indexes that are missing are the next one's, which builds them before it serves. Any thread.
    std::function<bool()> ending = [] { return false; };
};

struct RunEnd {
    v1::JobState state = v1::JOB_STATE_DONE;  ///< done, waiting (stopped), paused, cancelled or failed
    std::string error;
    Checkpoint checkpoint;
};

/// What one run brings: all of a source, or one stretch of a stream that may be followed by others.
struct RunInput {
    Source& source;
    /// Asked at its end: whether the job is done with it. A stream may learn only there that more is to come.
    std::function<bool()> last = [] { return true; };
};

/// Runs the claimed job from its checkpoint on: records that are accounted for are passed over. Errors: those of the store, after which
/// the job can be run again.
Result<RunEnd> run(const RunParts& parts, Jobs& jobs, Claimed& claimed, const RunInput& input, const store::Editor& editor,
                   const RunHooks& hooks = {});

}  // namespace godwit::migration
