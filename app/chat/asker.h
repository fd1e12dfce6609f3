// Asker: makes questions and further versions of what stands on screen, hands them to the AskFlow,
// and brings back what could not be stored.
//
// It takes along everything that an answer needs as the chat on screen has it at that moment.
// Borrows all of it. GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <vector>

#include "app/chat/ask_flow.h"
#include "app/chat/chat_problem.h"
#include "app/core/settings_layers.h"

namespace sotto::app {

class ChatListModel;
class ChatReadiness;
class ChatSession;
class ChatSettings;
class DraftKeeper;
class ModelController;

// The path as it is sent with these settings: without the turns that were dropped.
ChatPrompt promptFor(const std::vector<Message>& path, const ChatSettings& settings);
// Where these turns have left it.
ChatPrompt promptFor(const std::vector<Message>& path, const ChatSettings& settings,
                     const std::vector<DroppedTurns>& dropped);

class Asker : public QObject {
    Q_OBJECT

public:
    static constexpr int kMostAnswers = 4;

    struct Parts {
        ChatListModel& chats;
        ModelController& models;
        const ChatReadiness& readiness;
        AskFlow& flow;
        ChatSession& session;
        DraftKeeper& drafts;
        ChatSettings& settings;
    };
    explicit Asker(const Parts& parts, QObject* parent = nullptr);

    // Of the chat the first rows with this message below them, and what a new answer in this row
    // answers.
    std::vector<Message> pathWith(const QString& text, int nRows) const;
    std::vector<Message> pathBelow(int row) const;

    // False, and the draft stays, when it cannot be sent.
    bool send(const QString& text);
    // A user message: a new version and a new answer; an answer: a new version.
    bool edit(int row, const QString& text);
    // Of an answer another version, in its own place when it has no words; of a question an answer.
    // Up to kMostAnswers at once.
    void regenerateAt(int row, int nAnswers);
    void continueAnswer();  // carries on the last answer

signals:
    void chatMade();                                       // the chat on screen is stored now
    void problem(const sotto::app::ChatProblem& problem);  // something could not be stored

private:
    void takeStored(const Question& question);
    void takeRefused(const Question& question, const Error& error);
    AnswerJob makeJob(const std::vector<Message>& path, const Message* continued) const;
    Question newQuestion(const Message& message, int nKept) const;

    Parts m_parts;
};

}  // namespace sotto::app
