// PromptNotice: says, once in each chat for each model, that the model's chat template takes no
// system prompt, where the chat on screen has one.
//
// Borrows all of it. GUI thread only.
#pragma once

#include <QObject>
#include <QSet>
#include <QString>
#include <utility>

namespace sotto::app {

class ChatSession;
class ChatSettings;
class ModelController;

class PromptNotice : public QObject {
    Q_OBJECT

public:
    PromptNotice(const ModelController& models, const ChatSession& session,
                 const ChatSettings& settings, QObject* parent = nullptr);

    QString text() const;  // empty: there is nothing to say, or it was read
    void dismiss();
    // The new chat on screen is stored under its id now: what was read there is not told again.
    void noteMade();

signals:
    void changed();

private:
    using Place = std::pair<qint64, QString>;  // chat, model's file

    const ModelController& m_models;
    const ChatSession& m_session;
    const ChatSettings& m_settings;
    QSet<Place> m_read;
};

}  // namespace sotto::app
