// The engine loop's sliding windows: where an answer has filled the context, it goes on without the
// oldest of it.
#include <algorithm>

#include "base/guarded.h"
#include "engine/schedule/engine_loop.h"

namespace sotto {

// Before a step is planned, with none under way. Errors: Internal (nobody is left to step back),
// DeviceFailed, OutOfMemory.
Status EngineLoop::slideWindows() {
    const auto isFull = [](const auto& request) {
        return request->isSliding() && !request->isReading() &&
               std::ssize(request->tokens) >= request->contextTokens;
    };
    while (true) {
        const auto full = std::ranges::find_if(m_running, isFull);
        if (full == m_running.end()) return {};
        Request& request = **full;
        SOTTO_ASSIGN(const bool hasSlid, guarded([&] {
                         return slideMemory(*m_model, request.memory, request.window,
                                            m_prefixes ? &*m_prefixes : nullptr);
                     }));
        if (!hasSlid) {
            SOTTO_TRY(pauseOne());
            continue;
        }
        forgetGap(request);
        request.nExpected = expectedTokens(request);
    }
}

}  // namespace sotto
