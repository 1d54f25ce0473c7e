#include "base/thread_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <optional>

namespace godwit {
namespace {

/// sched_setattr(2). <linux/sched/types.h> has it too, but not beside <sched.h>, as both declare sched_param.
struct SchedAttr {
    std::uint32_t size = sizeof(SchedAttr);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;  ///< nanoseconds; under SCHED_OTHER the slice, 0: the system's
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

}  // namespace

void lower_priority(int nice) { setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), nice); }

void set_slice(std::chrono::microseconds slice) {
    thread_local std::optional<std::chrono::microseconds> asked;
    if (asked == slice) return;
    asked = slice;
    SchedAttr attributes;
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
    attributes.runtime = static_cast<std::uint64_t>(std::chrono::nanoseconds(slice).count());
    syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace godwit
