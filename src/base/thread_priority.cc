#include "base/thread_priority.h"

// Not <sched.h>, which declares sched_param once more.
#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace godwit {

void lower_priority(int nice) { setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), nice); }

void set_slice(std::chrono::microseconds slice) {
    sched_attr attributes{};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
    attributes.sched_runtime = static_cast<__u64>(std::chrono::nanoseconds(slice).count());
    syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace godwit
