// OverflowController: a chat that outgrows its context. Before anything is asked it looks whether
// prompt and answer find room; where they do not, the chat's way is gone, or a person is asked once
// which way it is to be: grow, drop the oldest turns, or slide.
//
// What was to be asked waits here meanwhile and stays where it was typed: nothing is lost when it
// is not asked after all. The way and what was dropped are the chat's own settings. Borrows all of
// it; owned by ChatController. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QVariantList>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/chat/message.h"
#include "app/chat/overflow_plan.h"
#include "app/core/job_runner.h"
#include "app/core/settings_layers.h"

namespace sotto::app {

class ChatSession;
class ChatSettings;
class EngineBridge;
class ModelController;
class NumberFormat;

class OverflowController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ChatController")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(bool isOpen READ isOpen NOTIFY changed)  // somebody is asked, or waited for
    // Of an answer that has reached the end, while a person may be writing the next question.
    Q_PROPERTY(bool isOffer READ isOffer NOTIFY changed)
    Q_PROPERTY(QString sentence READ sentence NOTIFY changed)
    // Rows of {way, title, text, isOffered, figure, figureNote, note, weights, kv, scratch, others,
    // limit, kept, gone, rest}: the last eight are the parts of a bar, in bytes or in tokens.
    Q_PROPERTY(QVariantList choices READ choices NOTIFY changed)
    Q_PROPERTY(Way chosen READ chosen WRITE choose NOTIFY changed)
    Q_PROPERTY(bool canAccept READ canAccept NOTIFY changed)
    Q_PROPERTY(QString acceptText READ acceptText NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)  // why it did not grow; empty: nothing
    // Of the chat, at the context meter.
    Q_PROPERTY(Way way READ way WRITE setWay NOTIFY wayChanged)
    Q_PROPERTY(int droppedTokens READ droppedTokens NOTIFY wayChanged)
    Q_PROPERTY(int longestContext READ longestContext NOTIFY changed)  // the model's own
    Q_PROPERTY(int systemTokens READ systemTokens NOTIFY counted)
    Q_PROPERTY(int messageTokens READ messageTokens NOTIFY counted)

public:
    enum State { Closed, Looking, Asking, Growing };
    Q_ENUM(State)
    enum Way { Ask, Grow, Drop, Sinks };  // as OverflowWay
    Q_ENUM(Way)
    enum Wish { Sending, Continuing, Rewriting };

    struct Parts {
        EngineBridge& engine;
        JobRunner& jobs;
        ModelController& models;
        ChatSession& session;
        ChatSettings& settings;
        MachineProbe machine;
    };
    explicit OverflowController(Parts parts, QObject* parent = nullptr);
    ~OverflowController() override;

    // `path` as it would be sent; `go` asks it. Called at once where it is certain to fit. False:
    // something waits already.
    bool admit(Wish wish, std::vector<Message> path, std::function<void()> go);
    // The same of an answer that has just reached the end of the context: it is not carried on
    // unless that is chosen.
    void offer(std::vector<Message> path, std::function<void()> go);
    // Another chat is on screen: what waited is not asked.
    void forget();

    Q_INVOKABLE void chooseNext(int step);  // 1 or -1: of those that are offered
    Q_INVOKABLE void accept();
    Q_INVOKABLE void dismiss();
    Q_INVOKABLE void takeBack();  // what was dropped of the path on screen is sent again
    Q_INVOKABLE void look();      // counts what the meter shows in parts

    State state() const { return m_state; }
    bool isOpen() const { return m_state == Asking || m_state == Growing; }
    bool isOffer() const { return m_waiting && m_waiting->isOffer; }
    QString sentence() const;
    QVariantList choices() const;
    Way chosen() const { return m_chosen; }
    void choose(Way way);
    bool canAccept() const { return m_state == Asking && isOffered(m_chosen); }
    QString acceptText() const;
    QString problem() const { return m_problem; }
    Way way() const;
    void setWay(Way way);
    int droppedTokens() const;
    int longestContext() const;
    int systemTokens() const { return m_systemTokens; }
    int messageTokens() const { return m_messageTokens; }

signals:
    void changed();
    void wayChanged();
    void counted();

private:
    struct Waiting {
        Wish wish = Sending;
        std::vector<Message> path;
        std::function<void()> go;
        bool isOffer = false;
        // What the plan is of, beside the path.
        QString systemPrompt;
        std::vector<DroppedTurns> dropped;
        QString model;
    };

    OverflowQuestion questionOf(const Waiting& waiting) const;
    bool isCertainToFit(const OverflowQuestion& question) const;
    bool isCountable() const;
    bool isStale() const;
    bool isOthersWriting() const;
    void takeChange();
    bool wait(Waiting waiting);
    void take(Result<OverflowPlan> plan);
    bool follow(Way way);
    void drop();
    void grow();
    void takeModel();
    void go();
    void goUnlessOffered();
    void setState(State state);
    bool isOffered(Way way) const;
    QVariantMap growChoice() const;
    QVariantMap dropChoice() const;
    QVariantMap sinksChoice() const;
    std::int64_t longestAnswer(const std::vector<Message>& path) const;

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    State m_state = Closed;
    std::optional<Waiting> m_waiting;
    std::optional<OverflowPlan> m_plan;
    TurnRoom m_room;
    std::int64_t m_longestAnswer = 0;
    Way m_chosen = Grow;
    QString m_problem;
    JobId m_planning = 0;
    quint64 m_number = 0;  // of the newest plan
    JobId m_counting = 0;
    int m_systemTokens = 0, m_messageTokens = 0;
};

}  // namespace sotto::app
