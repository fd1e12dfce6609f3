#include "app/chat/copy_actions.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>

#include "app/chat/chat_session.h"
#include "app/chat/message.h"

namespace sotto::app {

CopyActions::CopyActions(const ChatSession& session, QObject* parent)
    : QObject(parent), m_session(session) {}

void CopyActions::copyText(const QString& text) {
    QGuiApplication::clipboard()->setText(text);
    emit copied();
}

void CopyActions::copyMessage(int row) {
    if (m_session.hasRow(row)) copyText(m_session.at(row).text);
}

void CopyActions::copyLastAnswer() {
    for (int row = m_session.count() - 1; row >= 0; --row)
        if (!m_session.at(row).isUser()) return copyText(m_session.at(row).text);
}

void CopyActions::openLink(const QUrl& link) {
    static const QStringList kSchemes{QStringLiteral("http"), QStringLiteral("https"),
                                      QStringLiteral("mailto")};
    if (kSchemes.contains(link.scheme().toLower())) QDesktopServices::openUrl(link);
}

}  // namespace sotto::app
