#include "app/bridge/storage_bridge.h"

#include <algorithm>
#include <string>

namespace sotto::app {
namespace {

constexpr const char* kProbeKey = "storage.probe";
// More than what a journal has left over by chance, less than what anyone would miss.
constexpr std::size_t kProbeBytes = std::size_t{64} << 10;

Status writeProbe(storage::Database& database) {
    SOTTO_TRY(database.messages().flushAnswers());
    SOTTO_TRY(database.settings().set(kProbeKey, '"' + std::string(kProbeBytes, 'x') + '"'));
    return database.settings().remove(kProbeKey);
}

}  // namespace

StorageBridge::StorageBridge(storage::Storage& storage, QObject* parent)
    : QObject(parent), m_storage(storage) {}

StorageBridge::~StorageBridge() {
    // Commands still queued hold `this`; an empty one behind them proves that they are done. What
    // they posted to this object is discarded by QObject's destructor.
    static_cast<void>(m_storage.call([](storage::Database&) -> Status { return {}; }));
}

void StorageBridge::keep(const QString& key, const QString& text, Write write) {
    m_held[key] = Held{text, std::move(write), ++m_nKept, std::nullopt};
    submitHeld(key);
    emit heldChanged();
}

void StorageBridge::submitHeld(const QString& key) {
    const Held& held = m_held[key];
    submit(this, held.write, [this, key, serial = held.serial](const Status& status) {
        const auto found = m_held.find(key);
        if (found == m_held.end() || found->serial != serial) return;
        // What is refused for good would be refused again.
        if (status || !StorageHealth::isLasting(status.error().code))
            m_held.erase(found);
        else
            found->failure = status.error();
        if (!status && !StorageHealth::isLasting(status.error().code)) emit failed(status.error());
        emit heldChanged();
    });
}

void StorageBridge::retry(QObject* context, RetryDone done, int nRounds) {
    const QStringList keys = m_held.keys();
    for (const QString& key : keys)
        if (m_held[key].failure) submitHeld(key);
    // Behind them in the queue: when it goes well, each of them has had its turn with room.
    submit(this, writeProbe,
           [this, context = QPointer<QObject>(context), done = std::move(done),
            nRounds](const Status& status) {
               if (!context) return;
               const auto left = std::find_if(m_held.begin(), m_held.end(), [](const Held& held) {
                   return held.failure && StorageHealth::isProvenByAWrite(held.failure->code);
               });
               if (!status || left == m_held.end()) return done(status);
               // One that failed just before the room came back, or that fails by itself: on a bad
               // sector other writes go well, for ever.
               if (nRounds > 1) return retry(context, done, nRounds - 1);
               done(fail(Error(*left->failure)));
           });
}

qint64 StorageBridge::heldBytes() const {
    qint64 nBytes = 0;
    for (const Held& held : m_held)
        if (held.failure) nBytes += held.text.toUtf8().size();
    return nBytes;
}

QStringList StorageBridge::unstoredTexts() const {
    QStringList texts;
    for (const Held& held : m_held)
        if (!held.text.isEmpty()) texts.append(held.text);
    return texts;
}

QStringList StorageBridge::heldTexts() const {
    QStringList texts;
    for (const Held& held : m_held)
        if (held.failure && !held.text.isEmpty()) texts.append(held.text);
    return texts;
}

}  // namespace sotto::app
