#include "app/bridge/storage_bridge.h"

namespace sotto::app {

StorageBridge::StorageBridge(storage::Storage& storage, QObject* parent)
    : QObject(parent), m_storage(storage) {}

StorageBridge::~StorageBridge() {
    // Commands still queued hold `this`; an empty one behind them proves that they are done. What
    // they posted to this object is discarded by QObject's destructor.
    static_cast<void>(m_storage.call([](storage::Database&) -> Status { return {}; }));
}

}  // namespace sotto::app
