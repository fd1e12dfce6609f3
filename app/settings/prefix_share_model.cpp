#include "app/settings/prefix_share_model.h"

#include <QDateTime>

#include "app/chat/chat_list_model.h"

namespace sotto::app {

bool PrefixShareModel::Row::operator==(const Row& other) const {
    return isSameItem(other) && title == other.title && share.nTokens == other.share.nTokens &&
           share.nBytes == other.share.nBytes && share.usedAt == other.share.usedAt;
}

PrefixShareModel::PrefixShareModel(const ChatListModel& chats, QObject* parent)
    : RowModel(parent), m_chats(chats) {}

int PrefixShareModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant PrefixShareModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case ChatIdRole: return static_cast<double>(row.share.owner);
        case Qt::DisplayRole:
        case TitleRole: return row.title;
        case TokensRole: return static_cast<double>(row.share.nTokens);
        case BytesRole: return static_cast<double>(row.share.nBytes);
        case UsedAtRole: return QDateTime::fromMSecsSinceEpoch(row.share.usedAt);
        default: return {};
    }
}

QHash<int, QByteArray> PrefixShareModel::roleNames() const {
    return {{ChatIdRole, "chatId"},
            {TitleRole, "title"},
            {TokensRole, "tokens"},
            {BytesRole, "bytes"},
            {UsedAtRole, "usedAt"}};
}

void PrefixShareModel::take(const std::vector<storage::PrefixShare>& shares) {
    std::vector<Row> rows;
    for (const storage::PrefixShare& share : shares)
        rows.push_back({share, m_chats.titleOf(static_cast<qint64>(share.owner))});
    const std::size_t nBefore = m_rows.size();
    replaceRows(m_rows, std::move(rows));
    if (m_rows.size() != nBefore) emit countChanged();
}

}  // namespace sotto::app
