// SearchModel: results of the full-text search over all chats, best first, at most 50.
//
// Set `query`; results arrive a moment later (the newest query wins). GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>

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

signals:
    void queryChanged();
    void isSearchingChanged();
    void countChanged();
};

}  // namespace sotto::app
