#include <windows.h>

#include "tests/app/window/thread_time.h"

namespace sotto::app {

double threadCpuMs() {
    FILETIME created, ended, kernel, user;
    if (!GetThreadTimes(GetCurrentThread(), &created, &ended, &kernel, &user)) return 0;
    // In units of 100 ns.
    const auto ms = [](const FILETIME& time) {
        const ULARGE_INTEGER value{{time.dwLowDateTime, time.dwHighDateTime}};
        return static_cast<double>(value.QuadPart) / 1e4;
    };
    return ms(kernel) + ms(user);
}

}  // namespace sotto::app
