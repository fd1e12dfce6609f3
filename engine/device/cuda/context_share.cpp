#include "engine/device/cuda/context_share.h"

#include <map>
#include <mutex>
#include <utility>

namespace sotto::cuda {
namespace {

struct ContextUsers {
    int count = 0;
    bool hasFailed = false;
};

// By the card's index. As the runtime's contexts, of which it counts the users, there is one for
// the process; what is opened apart has nothing else in common that could count.
struct ContextTable {
    std::mutex mutex;
    std::map<int, ContextUsers> users;
};

ContextTable& contextTable() {
    static ContextTable table;
    return table;
}

}  // namespace

ContextShare::ContextShare(CudaDevice device) : m_device(std::move(device)) {
    ContextTable& table = contextTable();
    const std::scoped_lock lock(table.mutex);
    ++table.users[m_device.properties().index].count;
}

ContextShare::~ContextShare() {
    ContextTable& table = contextTable();
    // Nobody takes a share while the context goes.
    const std::scoped_lock lock(table.mutex);
    ContextUsers& users = table.users[m_device.properties().index];
    if (--users.count > 0 || !std::exchange(users.hasFailed, false)) return;
    // Where the card does not come back, whoever opens it next says so.
    static_cast<void>(m_device.reset());
}

void ContextShare::noteFailure() {
    ContextTable& table = contextTable();
    const std::scoped_lock lock(table.mutex);
    table.users[m_device.properties().index].hasFailed = true;
}

std::vector<int> failedContexts() {
    ContextTable& table = contextTable();
    const std::scoped_lock lock(table.mutex);
    std::vector<int> indices;
    for (const auto& [index, users] : table.users)
        if (users.hasFailed) indices.push_back(index);
    return indices;
}

}  // namespace sotto::cuda
