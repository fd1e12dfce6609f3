#include "app/bridge/late_writes.h"

#include <utility>

namespace sotto::app {

LateWrites::LateWrites(StorageBridge& storage, QObject* parent)
    : QObject(parent), m_storage(storage) {
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &LateWrites::flush);
}

LateWrites::~LateWrites() { flush(); }

void LateWrites::put(const QString& key, const QString& text, StorageBridge::Write write) {
    m_waiting[key] = {text, std::move(write)};
    m_pause.start();
}

void LateWrites::flush() {
    m_pause.stop();
    const QMap<QString, Waiting> waiting = std::exchange(m_waiting, {});
    for (auto value = waiting.begin(); value != waiting.end(); ++value)
        m_storage.keep(value.key(), value->text, value->write);
}

}  // namespace sotto::app
