#include "base/error.h"

#include <array>

#include "base/named_value.h"

namespace sotto {
namespace {

// Written into databases: a name may be added, never changed.
using NamedCode = NamedValue<ErrorCode>;

constexpr std::array kNames = {
    NamedCode{ErrorCode::InvalidArgument, "invalidArgument"},
    NamedCode{ErrorCode::NotFound, "notFound"},
    NamedCode{ErrorCode::Cancelled, "cancelled"},
    NamedCode{ErrorCode::Busy, "busy"},
    NamedCode{ErrorCode::Closed, "closed"},
    NamedCode{ErrorCode::Internal, "internal"},
    NamedCode{ErrorCode::FileNotFound, "fileNotFound"},
    NamedCode{ErrorCode::FileUnreadable, "fileUnreadable"},
    NamedCode{ErrorCode::FileDamaged, "fileDamaged"},
    NamedCode{ErrorCode::DiskFull, "diskFull"},
    NamedCode{ErrorCode::ReadOnly, "readOnly"},
    NamedCode{ErrorCode::Io, "io"},
    NamedCode{ErrorCode::Locked, "locked"},
    NamedCode{ErrorCode::DatabaseDamaged, "databaseDamaged"},
    NamedCode{ErrorCode::NewerVersion, "newerVersion"},
    NamedCode{ErrorCode::Unsupported, "unsupported"},
    NamedCode{ErrorCode::OutOfMemory, "outOfMemory"},
    NamedCode{ErrorCode::ContextFull, "contextFull"},
    NamedCode{ErrorCode::BadTemplate, "badTemplate"},
    NamedCode{ErrorCode::DeviceFailed, "deviceFailed"},
    NamedCode{ErrorCode::Offline, "offline"},
    NamedCode{ErrorCode::Unreachable, "unreachable"},
    NamedCode{ErrorCode::ProxyFailed, "proxyFailed"},
    NamedCode{ErrorCode::CertificateRefused, "certificateRefused"},
    NamedCode{ErrorCode::AccessGated, "accessGated"},
    NamedCode{ErrorCode::TokenRefused, "tokenRefused"},
    NamedCode{ErrorCode::NotOnHub, "notOnHub"},
    NamedCode{ErrorCode::RateLimited, "rateLimited"},
    NamedCode{ErrorCode::HubFailed, "hubFailed"},
    NamedCode{ErrorCode::TooLarge, "tooLarge"},
    NamedCode{ErrorCode::DownloadDamaged, "downloadDamaged"},
};

}  // namespace

std::string_view errorCodeName(ErrorCode code) { return nameIn(kNames, code, "internal"); }

ErrorCode errorCodeOfName(std::string_view name) {
    return valueIn(kNames, name, ErrorCode::Internal);
}

}  // namespace sotto
