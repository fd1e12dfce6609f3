// AnswerProgress: what is being done for the answer on screen before its first word: what it waits
// for, how far its prompt is read.
//
// Place: beside ChatController, which owns it; WaitingNote shows it. Borrows the runner, the
// session and the models. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>

#include "app/bridge/language_watch.h"
#include "engine/api/engine_event.h"

namespace sotto::app {

class AnswerRunner;
class ChatSession;
class ModelController;

class AnswerProgress : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ChatController")
    Q_PROPERTY(WaitingFor waitingFor READ waitingFor NOTIFY changed)
    Q_PROPERTY(double loadShare READ loadShare NOTIFY changed)  // 0..1 of a model that is loaded
    // Tokens of the prompt: read, what of them was there already, and all; 0 before its turn.
    Q_PROPERTY(int readTokens READ readTokens NOTIFY changed)
    Q_PROPERTY(int reusedTokens READ reusedTokens NOTIFY changed)
    Q_PROPERTY(int promptTokens READ promptTokens NOTIFY changed)
    Q_PROPERTY(double readShare READ readShare NOTIFY changed)  // 0..1
    Q_PROPERTY(QString sentence READ sentence NOTIFY changed)   // what is being done, in words

public:
    enum WaitingFor { Turn, Model, OtherAnswers };
    Q_ENUM(WaitingFor)

    AnswerProgress(const AnswerRunner& answers, const ChatSession& session,
                   const ModelController& models, QObject* parent = nullptr);

    WaitingFor waitingFor() const;
    double loadShare() const;
    int readTokens() const { return static_cast<int>(now().processedTokens); }
    int reusedTokens() const { return static_cast<int>(now().reusedTokens); }
    int promptTokens() const { return static_cast<int>(now().promptTokens); }
    double readShare() const;
    QString sentence() const;

signals:
    void changed();

private:
    PromptProgress now() const;
    QString readingSentence() const;

    const AnswerRunner& m_answers;
    const ChatSession& m_session;
    const ModelController& m_models;
    LanguageWatch m_language;
};

}  // namespace sotto::app
