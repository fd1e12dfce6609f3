// CopyActions: what leaves the conversation by the clipboard or by a link.
//
// Borrows the session. GUI thread only.
#pragma once

#include <QObject>
#include <QUrl>

namespace sotto::app {

class ChatSession;

class CopyActions : public QObject {
    Q_OBJECT

public:
    explicit CopyActions(const ChatSession& session, QObject* parent = nullptr);

    void copyText(const QString& text);
    void copyMessage(int row);  // its Markdown source
    void copyLastAnswer();
    // http(s) and mailto only, by the system, on the user's click.
    static void openLink(const QUrl& link);

signals:
    void copied();

private:
    const ChatSession& m_session;
};

}  // namespace sotto::app
