// AskFlow: from a person's words to the answer, for each chat by itself: the words are committed,
// then the model is asked; what cannot be committed is given back, and Stop holds at every point.
//
// A chat is in one stage, and next() is the whole table of how it changes. Owns the AnswerRunner;
// borrows the engine's bridge and, through the questions, the storages'. GUI thread only.
#pragma once

#include <QHash>
#include <QObject>
#include <QStringList>
#include <string>

#include "app/chat/answer_runner.h"
#include "app/chat/message.h"
#include "app/chat/prompt_warmer.h"

namespace sotto::app {

// A message of the user's that is to be stored and answered. Everything that the answer needs is
// taken when it is sent: another chat may be on screen by the time it is stored.
struct Question {
    Message message;
    AnswerJob job;
    qint64 editedId = 0;       // not 0: it is a new version of this message
    bool isNewChat = false;    // its chat is made with it,
    std::string settingsJson;  // with this layer of settings
    bool isTemporary = false;
    bool wantsAnswer = true;  // false: an answer's own text was edited
};

class AskFlow : public QObject {
    Q_OBJECT

public:
    enum class Stage {
        Idle,
        Storing,    // the words are being committed; then the model is asked
        Withdrawn,  // as above, but nothing is to be asked any more
        Answering,
    };
    enum class Event { Sent, Asked, Stored, NotStored, Stopped, Ended };  // Ended: all answers

    // What follows; the same stage where the event means nothing.
    static constexpr Stage next(Stage stage, Event event) {
        switch (event) {
            case Event::Sent: return stage == Stage::Idle ? Stage::Storing : stage;
            case Event::Asked: return stage == Stage::Idle ? Stage::Answering : stage;
            case Event::Stored:
                return stage == Stage::Storing     ? Stage::Answering
                       : stage == Stage::Withdrawn ? Stage::Idle
                                                   : stage;
            case Event::NotStored:
                return stage == Stage::Storing || stage == Stage::Withdrawn ? Stage::Idle : stage;
            case Event::Stopped: return stage == Stage::Storing ? Stage::Withdrawn : stage;
            case Event::Ended: return stage == Stage::Answering ? Stage::Idle : stage;
        }
        return stage;
    }

    explicit AskFlow(EngineBridge& engine, QObject* parent = nullptr);

    // Words that are being committed to the disk and stand nowhere else: not those of an editor,
    // which keeps them until they are stored, nor of a temporary chat.
    QStringList onTheirWay() const { return m_onTheirWay.values(); }
    Stage stage(qint64 chatId) const { return m_stages.value(chatId, Stage::Idle); }
    AnswerRunner& answers() { return m_answers; }
    const AnswerRunner& answers() const { return m_answers; }

    // Commits the words, then asks. Both do nothing unless the chat is Idle.
    void send(Question question);
    // The words are stored already: another version, or more, of an answer.
    void ask(const AnswerJob& job);
    void stop(qint64 chatId);
    // Nobody can come back to this chat: what is asked in it ends, and its rows go.
    void discard(qint64 chatId, StorageBridge& storage);

signals:
    void stageChanged(qint64 chatId);
    void stored(const sotto::app::Question& question);
    // Nothing of it is stored; the words belong back where they were typed.
    void refused(const sotto::app::Question& question, const sotto::Error& error);
    // Of several answers the first.
    void began(const sotto::app::Message& answer, bool isContinued);

private:
    bool take(qint64 chatId, Event event);  // false: it changed nothing
    void takeStored(const Question& question, const Status& status);
    void begin(const AnswerJob& job);

    EngineBridge& m_engine;
    AnswerRunner m_answers;
    PromptWarmer m_warmer;
    QHash<qint64, Stage> m_stages;        // by chat; absent: Idle
    QHash<qint64, QString> m_onTheirWay;  // by chat
};

}  // namespace sotto::app
