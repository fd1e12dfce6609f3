#include <windows.h>

#include "base/thread_priority.h"

namespace sotto {

void runInBackground() {
    static_cast<void>(SetThreadPriority(GetCurrentThread(), THREAD_MODE_BACKGROUND_BEGIN));
}

}  // namespace sotto
