#include <sched.h>
#include <sys/resource.h>

#include "base/thread_priority.h"

namespace sotto {

void runInBackground() {
#ifdef SCHED_IDLE
    const sched_param parameter{};
    if (sched_setscheduler(0, SCHED_IDLE, &parameter) == 0) return;
#endif
    static_cast<void>(setpriority(PRIO_PROCESS, 0, 19));  // Linux: of this thread
}

}  // namespace sotto
