// BinModel: the bin in the chat list: chats that were deleted, the days that each has left, and
// what can be done with them.
//
// The chats come from ChatListModel, which it borrows; they go for good after the days that the
// settings say, at the start and then within the hour. GUI thread only.
#pragma once

#include <QDateTime>
#include <QQmlEngine>
#include <QTimer>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/bridge/storage_bridge.h"
#include "app/chat/chat_list_model.h"

namespace sotto::app {

class SettingsController;

class BinModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(int count READ count NOTIFY changed)     // chats in the bin, whatever is searched
    Q_PROPERTY(double bytes READ bytes NOTIFY changed)  // text of all chats in the bin
    Q_PROPERTY(int days READ days WRITE setDays NOTIFY changed)  // until they go; 0: they stay
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged)
    Q_PROPERTY(bool hasRows READ hasRows NOTIFY rowsChanged)
    // The chat on screen, when it lies in the bin.
    Q_PROPERTY(bool isShown READ isShown NOTIFY changed)
    Q_PROPERTY(double shownChatId READ shownChatId NOTIFY changed)
    Q_PROPERTY(QString shownTitle READ shownTitle NOTIFY changed)
    Q_PROPERTY(QString shownFolder READ shownFolder NOTIFY changed)  // empty: in none
    Q_PROPERTY(QDateTime shownDeletedAt READ shownDeletedAt NOTIFY changed)
    Q_PROPERTY(QDateTime shownGoneAt READ shownGoneAt NOTIFY changed)  // invalid: it stays
    Q_PROPERTY(int shownMessages READ shownMessages NOTIFY changed)
    Q_PROPERTY(double shownBytes READ shownBytes NOTIFY changed)

public:
    enum Role {
        IsSectionRole = Qt::UserRole + 1,
        SectionRole,  // ChatListModel::SectionKey, by the day of deletion
        TitleRole,    // of the chat, or the heading of its section
        ChatIdRole,
        DaysLeftRole,  // -1: it stays
        IsCurrentRole,
    };
    Q_ENUM(Role)
    // role names: isSection section title chatId daysLeft isCurrent

    BinModel(StorageBridge& storage, ChatListModel& chats, SettingsController& settings,
             QObject* parent = nullptr);

    Q_INVOKABLE void open(qint64 chatId);  // read only
    Q_INVOKABLE void restore(qint64 chatId);
    Q_INVOKABLE void removeForGood(qint64 chatId);
    Q_INVOKABLE void empty();
    Q_INVOKABLE QString titleOf(qint64 chatId) const;

    int count() const { return static_cast<int>(m_chats.bin().size()); }
    double bytes() const { return static_cast<double>(m_bytes); }
    int days() const;
    void setDays(int days);
    QString search() const { return m_search; }
    void setSearch(const QString& text);
    bool hasRows() const { return !m_rows.empty(); }
    bool isShown() const { return shown() != nullptr; }
    double shownChatId() const;
    QString shownTitle() const;
    QString shownFolder() const;
    QDateTime shownDeletedAt() const;
    QDateTime shownGoneAt() const;
    int shownMessages() const;  // 0 until it is counted, as are the bytes
    double shownBytes() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    // These, and others that were too old, are not in the library any more.
    void removedForGood(const std::vector<qint64>& ids);
    void changed();
    void rowsChanged();
    void searchChanged();

private:
    struct Row {
        bool isSection = false;
        ChatListModel::SectionKey section = ChatListModel::NoSection;
        qint64 chatId = 0;
        QString title;
        int daysLeft = -1;

        bool isSameItem(const Row& other) const {
            return isSection == other.isSection && chatId == other.chatId &&
                   section == other.section;
        }
        bool operator==(const Row&) const = default;
    };

    const storage::ChatSummary* shown() const;
    QDateTime goneAt(const storage::ChatSummary& chat) const;
    std::vector<Row> makeRows() const;
    void take();
    void readSizes();
    void takeRows(std::vector<Row> rows);
    void remove(std::vector<qint64> ids);
    void removeOld();

    StorageBridge& m_storage;
    ChatListModel& m_chats;
    SettingsController& m_settings;
    std::vector<Row> m_rows;
    QString m_search;
    qint64 m_bytes = 0;
    storage::ChatSize m_shownSize;
    qint64 m_sizedChatId = 0;
    LanguageWatch m_language;
    QTimer m_hourly;  // days pass while the program runs, or while the computer sleeps
};

}  // namespace sotto::app
