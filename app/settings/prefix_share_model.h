// PrefixShareModel: what each chat has in the prefix cache, the last used first.
//
// Owned by PrefixController. GUI thread only.
#pragma once

#include <QString>
#include <vector>

#include "app/bridge/row_model.h"
#include "storage/api/prefix_file.h"

namespace sotto::app {

class ChatListModel;

class PrefixShareModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by PrefixController")
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role {
        ChatIdRole = Qt::UserRole + 1,
        TitleRole,
        TokensRole,
        BytesRole,
        UsedAtRole,  // QDateTime
    };
    Q_ENUM(Role)
    // role names: chatId title tokens bytes usedAt

    // Titles are those of `chats`, which must outlive this.
    explicit PrefixShareModel(const ChatListModel& chats, QObject* parent = nullptr);

    int count() const { return static_cast<int>(m_rows.size()); }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    void take(const std::vector<storage::PrefixShare>& shares);

signals:
    void countChanged();

private:
    struct Row {
        storage::PrefixShare share;
        QString title;

        bool isSameItem(const Row& other) const { return share.owner == other.share.owner; }
        bool operator==(const Row& other) const;
    };

    const ChatListModel& m_chats;
    std::vector<Row> m_rows;
};

}  // namespace sotto::app
