// PrefixController: the prefix cache on the disk as the settings show it: how large it is and may
// be, what was written, what each chat has in it, and forgetting.
//
// Also forgets what is of chats that were removed for good. Owned by AppFacade; borrows its parts.
// GUI thread only; nothing waits for the disk.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>
#include <QTimer>
#include <QVariantList>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/bridge/language_watch.h"
#include "app/core/prefix/disk_prefix_store.h"
#include "app/settings/prefix_share_model.h"

namespace sotto::app {

class BinModel;
class ChatListModel;
class SettingsController;

class PrefixController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    // False: chats are in memory only, or the file cannot be used, as problemText says.
    Q_PROPERTY(bool isUsable READ isUsable NOTIFY changed)
    Q_PROPERTY(QString problemText READ problemText NOTIFY changed)
    Q_PROPERTY(bool isOn READ isOn WRITE setOn NOTIFY changed)
    Q_PROPERTY(double bytes READ bytes NOTIFY changed)  // of its files
    // What they may be now: what was chosen, or a tenth of the free disk.
    Q_PROPERTY(double maxBytes READ maxBytes NOTIFY changed)
    Q_PROPERTY(bool isDiskSmall READ isDiskSmall NOTIFY changed)  // it is the tenth
    Q_PROPERTY(double writtenToday READ writtenToday NOTIFY changed)
    Q_PROPERTY(double writtenInHour READ writtenInHour NOTIFY changed)
    Q_PROPERTY(double maxPerHour READ maxPerHour NOTIFY changed)
    Q_PROPERTY(int maxGb READ maxGb WRITE setMaxGb NOTIFY changed)          // 10^9 bytes
    Q_PROPERTY(QVariantList maxGbChoices READ maxGbChoices NOTIFY changed)  // rows of {text, value}
    Q_PROPERTY(sotto::app::PrefixShareModel* shares READ shares CONSTANT)
    // While somebody looks, figures are read again every second.
    Q_PROPERTY(bool isWatched READ isWatched WRITE setWatched NOTIFY changed)

public:
    struct Parts {
        DiskPrefixStore* store = nullptr;  // null: chats are in memory only
        SettingsController& settings;
        ChatListModel& chats;
        BinModel& bin;
        // Forgets what is of chats that are not in the library any more; may be empty.
        std::function<void()> forgetGone;
    };
    explicit PrefixController(Parts parts, QObject* parent = nullptr);
    ~PrefixController() override;

    // What is stored of it, before the window is there.
    static void choose(const std::map<std::string, std::string>& stored,
                       DiskPrefixOptions& options);

    bool isUsable() const { return m_parts.store != nullptr && !m_figures.problem; }
    QString problemText() const;
    bool isOn() const;
    void setOn(bool isOn);
    double bytes() const { return static_cast<double>(m_figures.bytesOnDisk); }
    double maxBytes() const;
    bool isDiskSmall() const;
    double writtenToday() const { return static_cast<double>(m_figures.writtenToday); }
    double writtenInHour() const { return static_cast<double>(m_figures.writtenInHour); }
    double maxPerHour() const { return static_cast<double>(m_figures.maxPerHour); }
    int maxGb() const;
    void setMaxGb(int maxGb);
    QVariantList maxGbChoices() const;
    PrefixShareModel* shares() { return &m_shares; }
    bool isWatched() const { return m_timer.isActive(); }
    void setWatched(bool isWatched);

    Q_INVOKABLE void forget(double chatId);
    Q_INVOKABLE void forgetAll();

signals:
    void changed();

private:
    void look();
    void readShares();
    void forgetChats(const std::vector<qint64>& ids);

    Parts m_parts;
    PrefixShareModel m_shares;
    DiskPrefixFigures m_figures;
    QTimer m_timer;
    LanguageWatch m_language;
};

}  // namespace sotto::app
