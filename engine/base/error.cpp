#include "engine/base/error.h"

namespace sotto {

std::string_view errorCodeName(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument: return "invalidArgument";
        case ErrorCode::FileNotFound: return "fileNotFound";
        case ErrorCode::FileUnreadable: return "fileUnreadable";
        case ErrorCode::FileDamaged: return "fileDamaged";
        case ErrorCode::Unsupported: return "unsupported";
        case ErrorCode::OutOfMemory: return "outOfMemory";
        case ErrorCode::ContextFull: return "contextFull";
        case ErrorCode::BadTemplate: return "badTemplate";
        case ErrorCode::Cancelled: return "cancelled";
        case ErrorCode::DeviceFailed: return "deviceFailed";
        case ErrorCode::DiskFull: return "diskFull";
        case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

}  // namespace sotto
