// SearchModel: results of the full-text search over all chats, best first, at most 50.
//
// Set `query`; results arrive a moment later (the newest query wins). GUI thread only.
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
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Role { ChatIdRole = Qt::UserRole + 1, MessageIdRole, TitleRole, SnippetRole, TimeRole };
    // role names: chatId messageId title snippet (HTML, the match in <b>) time

    explicit SearchModel(StorageBridge& storage, QObject* parent = nullptr);

    QString query() const { return m_query; }
    void setQuery(const QString& query);
    bool isSearching() const { return m_isSearching; }
    int rowCountProperty() const { return rowCount(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void queryChanged();
    void isSearchingChanged();
    void countChanged();

private:
    void search();
    void take(std::vector<storage::SearchHit> hits);
    void setSearching(bool isSearching);

    StorageBridge& m_storage;
    std::vector<storage::SearchHit> m_hits;
    QString m_query;
    bool m_isSearching = false;
    QTimer m_pause;
};

}  // namespace sotto::app
