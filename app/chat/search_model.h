// SearchModel: results of the full-text search over all chats, newest first, at most 50.
//
// Set `query`; results arrive a moment later (the newest query wins). Until then rows are those of
// the query before: Enter waits for its own. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <QTimer>
#include <vector>

#include "app/bridge/storage_bridge.h"
#include "storage/api/chat_record.h"

namespace sotto::app {

class SearchModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(QString query READ query WRITE setQuery NOTIFY queryChanged)
    Q_PROPERTY(bool isSearching READ isSearching NOTIFY isSearchingChanged)
    // There are more hits than the rows, or may be: the search ended before all was looked at.
    Q_PROPERTY(bool isCut READ isCut NOTIFY countChanged)
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Role { ChatIdRole = Qt::UserRole + 1, MessageIdRole, TitleRole, SnippetRole, TimeRole };
    // role names: chatId messageId title snippet (HTML, the match in <b>) time

    explicit SearchModel(StorageBridge& storage, QObject* parent = nullptr);

    QString query() const { return m_query; }
    void setQuery(const QString& query);
    bool isSearching() const { return m_isSearching; }
    bool isCut() const { return m_isCut; }
    // Enter on this row: chosen() at once, or, while another query was typed than the rows are of,
    // of its first hit when that is known. Typing on takes it back.
    Q_INVOKABLE void choose(int row);
    int rowCountProperty() const { return rowCount(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void queryChanged();
    void isSearchingChanged();
    void countChanged();
    void chosen(double chatId, double messageId);

private:
    void search();
    void take(storage::SearchResult result);
    void setSearching(bool isSearching);

    StorageBridge& m_storage;
    std::vector<storage::SearchHit> m_hits;
    bool m_isCut = false;
    bool m_isChoosing = false;  // the first hit, as soon as it is known
    QString m_query;
    bool m_isSearching = false;
    QTimer m_pause;
};

}  // namespace sotto::app
