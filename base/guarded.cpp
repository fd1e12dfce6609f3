#include "base/guarded.h"

#include "base/log.h"

namespace sotto {

Error outOfMemoryNow() {
    return {ErrorCode::OutOfMemory,
            "The machine ran out of memory; close other programs or load the model with a smaller "
            "context."};
}

Error defectOf(const std::exception& exception) {
    logMessage(LogLevel::Error, exception.what());
    return {ErrorCode::Internal, "Sotto met a defect of its own; see the log."};
}

}  // namespace sotto
