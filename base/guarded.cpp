#include "base/guarded.h"

#include "base/log.h"

namespace sotto {

Error outOfMemoryNow() noexcept {
    try {
        return {ErrorCode::OutOfMemory,
                "The machine ran out of memory; close other programs or load the model with a "
                "smaller context."};
    } catch (const std::bad_alloc&) {
        // A text of up to 15 bytes lies in the string itself.
        return {ErrorCode::OutOfMemory, "Out of memory."};
    }
}

Error defectOf(const std::exception& exception) noexcept {
    try {
        logMessage(LogLevel::Error, exception.what());
        return {ErrorCode::Internal, "Sotto met a defect of its own; see the log."};
    } catch (const std::exception&) {
        return outOfMemoryNow();
    }
}

}  // namespace sotto
