#include "app/chat/find_hits.h"

#include <algorithm>

#include "app/chat/block_list_model.h"
#include "app/chat/inline_text.h"

namespace sotto::app {

void FindHits::setMessages(MessageListModel* messages) {
    if (messages == m_messages) return;
    if (m_messages) m_messages->disconnect(this);
    m_messages = messages;
    if (m_messages) {
        connect(m_messages, &QAbstractItemModel::modelReset, this, &FindHits::searchAll);
        connect(m_messages, &QAbstractItemModel::rowsInserted, this, &FindHits::searchAll);
        connect(m_messages, &QAbstractItemModel::rowsRemoved, this, &FindHits::searchAll);
        connect(m_messages, &QAbstractItemModel::dataChanged, this,
                [this](const QModelIndex& first, const QModelIndex& last, const QList<int>& roles) {
                    if (roles.isEmpty() || roles.contains(MessageListModel::ShownTextRole))
                        searchRows(first.row(), last.row());
                });
    }
    emit messagesChanged();
    searchAll();
}

void FindHits::setNeedle(const QString& needle) {
    if (needle == m_needle) return;
    m_needle = needle;
    emit needleChanged();
    m_current = -1;
    searchAll();
    m_current = m_count - 1;
    emit changed();
    if (m_count > 0) emit found();
}

void FindHits::step(int offset) {
    if (m_count == 0) return;
    m_current = (m_current + offset % m_count + m_count) % m_count;
    emit changed();
    emit found();
}

FindHits::Hit FindHits::current() const {
    int left = m_current;
    if (left < 0) return {};
    for (const auto& hits : m_rows) {
        if (left < static_cast<int>(hits.size())) return hits[static_cast<std::size_t>(left)];
        left -= static_cast<int>(hits.size());
    }
    return {};
}

std::vector<FindHits::Hit> FindHits::hitsIn(int row) const {
    std::vector<Hit> hits;
    const auto search = [this, row, &hits](const QString& text, int block, int cell) {
        for (qsizetype at = text.indexOf(m_needle, 0, Qt::CaseInsensitive); at >= 0;
             at = text.indexOf(m_needle, at + m_needle.size(), Qt::CaseInsensitive))
            hits.push_back({row, block, cell, static_cast<int>(at)});
    };
    const QModelIndex message = m_messages->index(row);
    const auto* blocks = message.data(MessageListModel::BlocksRole).value<BlockListModel*>();
    if (blocks == nullptr) {
        search(message.data(MessageListModel::ShownTextRole).toString(), -1, -1);
        return hits;
    }
    for (int block = 0; block < blocks->rowCount(); ++block) {
        const QModelIndex index = blocks->index(block);
        switch (index.data(BlockListModel::KindRole).toInt()) {
            case BlockListModel::Table: {
                const auto cells =
                    index.data(BlockListModel::CellContentsRole).value<QList<InlineText>>();
                for (int cell = 0; cell < cells.size(); ++cell)
                    search(cells[cell].text, block, cell);
                break;
            }
            case BlockListModel::Code:
                search(index.data(BlockListModel::TextRole).toString(), block, -1);
                break;
            default:
                search(index.data(BlockListModel::ContentRole).value<InlineText>().text, block, -1);
        }
    }
    return hits;
}

void FindHits::searchAll() {
    const Hit before = current();
    m_rows.clear();
    const int nRows = m_messages && !m_needle.trimmed().isEmpty() ? m_messages->rowCount() : 0;
    for (int row = 0; row < nRows; ++row) m_rows.push_back(hitsIn(row));
    keepCurrent(before);
}

void FindHits::searchRows(int first, int last) {
    if (m_rows.empty()) return;
    const Hit before = current();
    for (int row = first; row <= std::min(last, static_cast<int>(m_rows.size()) - 1); ++row)
        m_rows[static_cast<std::size_t>(row)] = hitsIn(row);
    keepCurrent(before);
}

// What is looked at stays so, while others come in front of it; where it is gone, the one in its
// place follows.
void FindHits::keepCurrent(const Hit& before) {
    m_count = 0;
    int same = -1;
    for (const auto& hits : m_rows) {
        const auto found = std::find(hits.begin(), hits.end(), before);
        if (before.row >= 0 && found != hits.end())
            same = m_count + static_cast<int>(found - hits.begin());
        m_count += static_cast<int>(hits.size());
    }
    m_current = same >= 0 ? same : std::min(m_current, m_count - 1);
    emit changed();
}

}  // namespace sotto::app
