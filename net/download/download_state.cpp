#include <array>

#include "base/named_value.h"
#include "net/api/download_store.h"

namespace sotto::net {
namespace {

using NamedState = NamedValue<DownloadState>;

// Written into databases: a name may be added, never changed.
constexpr std::array kNames = {
    NamedState{DownloadState::Waiting, "waiting"},
    NamedState{DownloadState::Running, "running"},
    NamedState{DownloadState::Paused, "paused"},
    NamedState{DownloadState::Interrupted, "interrupted"},
    NamedState{DownloadState::Checking, "checking"},
    NamedState{DownloadState::Verified, "verified"},
    NamedState{DownloadState::Damaged, "damaged"},
};

}  // namespace

std::string_view downloadStateName(DownloadState state) {
    return nameIn(kNames, state, "interrupted");
}

DownloadState downloadStateOfName(std::string_view name) {
    return valueIn(kNames, name, DownloadState::Interrupted);
}

}  // namespace sotto::net
