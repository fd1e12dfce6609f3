#include <array>

#include "net/api/download_store.h"

namespace sotto::net {
namespace {

struct NamedState {
    DownloadState state;
    std::string_view name;
};

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
    for (const NamedState& row : kNames)
        if (row.state == state) return row.name;
    return "interrupted";
}

DownloadState downloadStateOfName(std::string_view name) {
    for (const NamedState& row : kNames)
        if (row.name == name) return row.state;
    return DownloadState::Interrupted;
}

}  // namespace sotto::net
