// FindHits: where the words looked for stand in the chat on screen, one by one, and which of them
// is looked at now.
//
// Borrows the messages; searches what is shown (of an answer its blocks, not their Markdown), case
// ignored. Rows that change are searched again, so what is being written is counted, too. GUI
// thread only.
#pragma once

#include <QObject>
#include <QPointer>
#include <QQmlEngine>
#include <vector>

#include "app/chat/message_list_model.h"

namespace sotto::app {

class FindHits : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::MessageListModel* messages READ messages WRITE setMessages NOTIFY
                   messagesChanged)
    Q_PROPERTY(QString needle READ needle WRITE setNeedle NOTIFY needleChanged)  // empty: no hits
    Q_PROPERTY(int count READ count NOTIFY changed)
    // The hit that is looked at, from 1; 0: there is none. A new needle begins at the last one.
    Q_PROPERTY(int position READ position NOTIFY changed)
    // Where it stands; -1: there is none. `block` and `cell` are -1 where a message or a block is
    // one text; `start` counts UTF-16 units of the text that is shown there.
    Q_PROPERTY(int row READ row NOTIFY changed)
    Q_PROPERTY(int block READ block NOTIFY changed)
    Q_PROPERTY(int cell READ cell NOTIFY changed)
    Q_PROPERTY(int start READ start NOTIFY changed)

public:
    explicit FindHits(QObject* parent = nullptr) : QObject(parent) {}

    // To the next or the one before; around at the ends. Tells found() also where there is one
    // only.
    Q_INVOKABLE void step(int offset);

    MessageListModel* messages() const { return m_messages; }
    void setMessages(MessageListModel* messages);
    QString needle() const { return m_needle; }
    void setNeedle(const QString& needle);
    int count() const { return m_count; }
    int position() const { return m_current + 1; }
    int row() const { return current().row; }
    int block() const { return current().block; }
    int cell() const { return current().cell; }
    int start() const { return current().start; }

signals:
    void messagesChanged();
    void needleChanged();
    void changed();
    void found();  // another hit is to be shown

private:
    struct Hit {
        int row = -1, block = -1, cell = -1, start = -1;
        bool operator==(const Hit&) const = default;
    };
    Hit current() const;
    std::vector<Hit> hitsIn(int row) const;
    void searchAll();
    void searchRows(int first, int last);
    void keepCurrent(const Hit& before);

    QPointer<MessageListModel> m_messages;
    QString m_needle;
    std::vector<std::vector<Hit>> m_rows;  // by row of the messages
    int m_count = 0;
    int m_current = -1;
};

}  // namespace sotto::app
