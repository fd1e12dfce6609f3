#include "app/settings/prefix_controller.h"

#include <QCoreApplication>
#include <algorithm>
#include <chrono>

#include "app/bridge/error_text.h"
#include "app/chat/bin_model.h"
#include "app/chat/chat_list_model.h"
#include "app/settings/setting_choices.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {
namespace {

constexpr std::chrono::seconds kLookingTime{1};
constexpr double kBytesOfGb = 1e9;

}  // namespace

PrefixController::PrefixController(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_shares(m_parts.chats) {
    m_timer.setInterval(kLookingTime);
    connect(&m_timer, &QTimer::timeout, this, &PrefixController::look);
    connect(&m_language, &LanguageWatch::changed, this, &PrefixController::changed);
    connect(&m_parts.bin, &BinModel::removedForGood, this, &PrefixController::forgetChats);
    connect(&m_parts.settings, &SettingsController::prefixCacheChanged, this, [this] {
        if (m_parts.store != nullptr) {
            m_parts.store->setOn(isOn());
            m_parts.store->setMaxBytes(static_cast<std::uint64_t>(maxGb() * kBytesOfGb));
        }
        look();
        emit changed();
    });
}

PrefixController::~PrefixController() = default;

void PrefixController::choose(const std::map<std::string, std::string>& stored,
                              DiskPrefixOptions& options) {
    const SettingsController::StoredPrefixCache chosen =
        SettingsController::storedPrefixCache(stored);
    options.isOn = chosen.isOn;
    options.maxBytes = static_cast<std::uint64_t>(chosen.maxGb * kBytesOfGb);
}

QString PrefixController::problemText() const {
    return m_figures.problem ? errorText(*m_figures.problem) : QString();
}

bool PrefixController::isOn() const { return m_parts.settings.hasPrefixCache(); }

void PrefixController::setOn(bool isOn) { m_parts.settings.setPrefixCache(isOn); }

int PrefixController::maxGb() const { return m_parts.settings.prefixCacheGb(); }

void PrefixController::setMaxGb(int maxGb) { m_parts.settings.setPrefixCacheGb(maxGb); }

double PrefixController::maxBytes() const {
    const double chosen = maxGb() * kBytesOfGb;
    return m_figures.maxBytes == 0 ? chosen
                                   : std::min(chosen, static_cast<double>(m_figures.maxBytes));
}

bool PrefixController::isDiskSmall() const { return maxBytes() < maxGb() * kBytesOfGb; }

QVariantList PrefixController::maxGbChoices() const { return prefixCacheChoices(maxGb()); }

void PrefixController::setWatched(bool isWatched) {
    if (isWatched == m_timer.isActive()) return;
    if (isWatched) {
        m_timer.start();
        readShares();  // a chat may have another name now
        look();
    } else {
        m_timer.stop();
    }
    emit changed();
}

void PrefixController::forget(double chatId) {
    if (m_parts.store == nullptr) return;
    m_parts.store->clear(static_cast<std::uint64_t>(chatId));
    look();
}

void PrefixController::forgetAll() {
    if (m_parts.store == nullptr) return;
    m_parts.store->forgetAll();
    look();
}

void PrefixController::forgetChats(const std::vector<qint64>& ids) {
    if (m_parts.store == nullptr) return;
    for (const qint64 id : ids) m_parts.store->forget(static_cast<std::uint64_t>(id));
    if (m_parts.forgetGone) m_parts.forgetGone();
    if (isWatched()) look();
}

// Whatever changes the file is counted as written, so the shares are those that were read until
// then.
void PrefixController::look() {
    if (m_parts.store == nullptr) return;
    const DiskPrefixFigures figures = m_parts.store->figures();
    if (figures == m_figures) return;
    m_figures = figures;
    emit changed();
    readShares();
}

void PrefixController::readShares() {
    if (m_parts.store == nullptr) return;
    const auto take = [guard = QPointer(this)](std::vector<storage::PrefixShare> shares) {
        QMetaObject::invokeMethod(QCoreApplication::instance(), [guard, shares] {
            if (guard) guard->m_shares.take(shares);
        });
    };
    m_parts.store->shares(take);
}

}  // namespace sotto::app
