// AppCommand: one thing that the window can do: its words, its keys, and what happens. Shortcuts,
// the command search and the list of keys are all made from these. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QVariantList>

namespace sotto::app {

class AppCommand : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(Group group MEMBER m_group NOTIFY changed)
    Q_PROPERTY(QString text MEMBER m_text NOTIFY changed)
    Q_PROPERTY(QString iconName MEMBER m_iconName NOTIFY changed)
    Q_PROPERTY(QString keys MEMBER m_keys NOTIFY changed)  // "Ctrl+N", as QKeySequence writes it
    Q_PROPERTY(QVariantList sequences READ sequences NOTIFY changed)  // every spelling of the keys
    // Not there: nothing in the window knows of it, and it is not enabled either.
    Q_PROPERTY(bool isThere MEMBER m_isThere NOTIFY changed)
    Q_PROPERTY(bool enabled READ isEnabled WRITE setEnabled NOTIFY changed)
    Q_PROPERTY(bool isListed MEMBER m_isListed NOTIFY changed)  // in the command search

public:
    // Headings of the list of keys, in its order.
    enum Group { Chats, Conversation, View };
    Q_ENUM(Group)

    explicit AppCommand(QObject* parent = nullptr) : QObject(parent) {}

    Group group() const { return m_group; }
    QString text() const { return m_text; }
    QString iconName() const { return m_iconName; }
    QString keys() const { return m_keys; }
    QVariantList sequences() const;
    bool isThere() const { return m_isThere; }
    bool isEnabled() const { return m_isEnabled && m_isThere; }
    void setEnabled(bool isEnabled);
    bool isListed() const { return m_isListed; }

signals:
    void changed();
    void triggered();

private:
    Group m_group = View;
    QString m_text;
    QString m_iconName = QStringLiteral("chevron-right");
    QString m_keys;
    bool m_isThere = true;
    bool m_isEnabled = true;
    bool m_isListed = true;
};

// Keys as they are drawn: one cap per key, words for arrows and Enter as on a keyboard, and what
// stands between two ways of doing the same: rows of {text, isKey}. "Ctrl++" is Ctrl and +.
QVariantList keyCaps(const QString& keys);

}  // namespace sotto::app
