#include "app/chat/search_model.h"

#include <QDateTime>
#include <optional>
#include <utility>

namespace sotto::app {
namespace {

constexpr int kSearchPauseMs = 120;
constexpr int kMaxHits = 50;

QString snippetHtml(const std::vector<storage::SnippetPart>& parts) {
    QString html;
    for (const storage::SnippetPart& part : parts) {
        const QString text = QString::fromStdString(part.text).toHtmlEscaped();
        html += part.isMatch ? QStringLiteral("<b>") + text + QStringLiteral("</b>") : text;
    }
    return html;
}

}  // namespace

SearchModel::SearchModel(StorageBridge& storage, QObject* parent)
    : QAbstractListModel(parent), m_storage(storage) {
    m_pause.setSingleShot(true);
    m_pause.setInterval(kSearchPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &SearchModel::search);
}

void SearchModel::setQuery(const QString& query) {
    if (query == m_query) return;
    m_query = query;
    m_isChoosing = false;
    emit queryChanged();
    setSearching(!query.trimmed().isEmpty());
    if (m_isSearching)
        m_pause.start();
    else
        m_pause.stop(), take({});
}

void SearchModel::search() {
    storage::SearchQuery query{m_query.toStdString(), 0, kMaxHits};
    m_storage.submit(
        this, [query](storage::Database& database) { return database.search(query); },
        [this, asked = m_query](Result<storage::SearchResult> result) {
            if (asked != m_query) return;  // a newer question is under way
            setSearching(false);
            const std::optional<Error> error =
                result ? std::nullopt : std::optional(result.error());
            // Hits of another question must not stand there as the answer.
            take(result ? std::move(*result) : storage::SearchResult());
            if (error) emit m_storage.failed(*error);
        });
}

void SearchModel::take(storage::SearchResult result) {
    beginResetModel();
    m_hits = std::move(result.hits);
    m_isCut = result.isCut;
    endResetModel();
    emit countChanged();
    if (std::exchange(m_isChoosing, false)) choose(0);
}

void SearchModel::choose(int row) {
    if (m_isSearching) {
        m_isChoosing = true;
    } else if (row >= 0 && row < rowCount()) {
        const storage::SearchHit& hit = m_hits[static_cast<std::size_t>(row)];
        emit chosen(static_cast<double>(hit.chatId), static_cast<double>(hit.messageId));
    }
}

void SearchModel::setSearching(bool isSearching) {
    if (isSearching == m_isSearching) return;
    m_isSearching = isSearching;
    emit isSearchingChanged();
}

int SearchModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_hits.size());
}

QVariant SearchModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const storage::SearchHit& hit = m_hits[static_cast<std::size_t>(index.row())];
    switch (role) {
        case ChatIdRole: return static_cast<qint64>(hit.chatId);
        case MessageIdRole: return static_cast<qint64>(hit.messageId);
        case Qt::DisplayRole:
        case TitleRole: return QString::fromStdString(hit.chatTitle);
        case SnippetRole: return snippetHtml(hit.snippet);
        case TimeRole: return QDateTime::fromMSecsSinceEpoch(hit.createdAt);
        default: return {};
    }
}

QHash<int, QByteArray> SearchModel::roleNames() const {
    return {{ChatIdRole, "chatId"},
            {MessageIdRole, "messageId"},
            {TitleRole, "title"},
            {SnippetRole, "snippet"},
            {TimeRole, "time"}};
}

}  // namespace sotto::app
