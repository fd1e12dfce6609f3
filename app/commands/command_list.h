// CommandList: the window's commands as the command search shows them, and as the groups of the
// list of keys.
//
// Borrows the commands, which QML owns. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QPointer>
#include <QQmlEngine>
#include <QVariantList>
#include <vector>

#include "app/commands/app_command.h"

namespace sotto::app {

class CommandList : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    // Of AppCommand, as lists of QML come.
    Q_PROPERTY(QVariantList commands READ commands WRITE setCommands NOTIFY commandsChanged)
    // Keys that belong to one control and work while it has the focus: in the list of keys only.
    Q_PROPERTY(
        QVariantList localCommands READ localCommands WRITE setLocalCommands NOTIFY commandsChanged)
    Q_PROPERTY(QString query READ query WRITE setQuery NOTIFY queryChanged)
    Q_PROPERTY(bool isSearched READ isSearched WRITE setSearched NOTIFY queryChanged)  // or empty
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum Role { TextRole = Qt::UserRole + 1, IconNameRole, KeysRole };
    Q_ENUM(Role)
    // role names: text iconName keys

    explicit CommandList(QObject* parent = nullptr) : QAbstractListModel(parent) {}

    // Those that can be done now and have every word of the query in their text.
    Q_INVOKABLE void trigger(int row);
    // Rows of {title, rows: {text, caps}}, see keyCaps; in the language of the moment.
    Q_INVOKABLE QVariantList groups() const;

    QVariantList commands() const { return m_given; }
    void setCommands(const QVariantList& commands);
    QVariantList localCommands() const { return m_givenLocal; }
    void setLocalCommands(const QVariantList& commands);
    QString query() const { return m_query; }
    void setQuery(const QString& query);
    bool isSearched() const { return m_isSearched; }
    void setSearched(bool isSearched);
    int count() const { return static_cast<int>(m_rows.size()); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void commandsChanged();
    void queryChanged();
    void countChanged();

private:
    bool isFound(const AppCommand& command) const;
    void choose();

    QVariantList m_given, m_givenLocal;
    std::vector<QPointer<AppCommand>> m_commands, m_local;
    std::vector<AppCommand*> m_rows;
    QString m_query;
    bool m_isSearched = true;
};

}  // namespace sotto::app
