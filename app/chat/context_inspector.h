// ContextInspector: the prompt of an answer as its model got it, message by message: what each came
// to in tokens, where they came from, and what was not sent.
//
// A list of the messages, and the tokens of the one that is looked at. The loaded model renders the
// prompt anew from the chat as it stands, off the GUI thread; the counts of where tokens came from
// are the answer's own. Where the two do not have the same length (isChanged) no token is said to
// come from anywhere. Looks while it is open only. Borrows all of it. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <QVariantList>
#include <vector>

#include "app/bridge/row_model.h"
#include "app/core/job_runner.h"
#include "engine/api/engine.h"

namespace sotto::app {

class AnswerRunner;
class ChatSession;
class ChatSettings;
class EngineBridge;
class ModelController;

class ContextInspector : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ChatController")
    Q_PROPERTY(bool isOpen READ isOpen NOTIFY openChanged)
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)  // of state Failed, a sentence
    // The answer is none of the chat's last: an older one was asked for.
    Q_PROPERTY(bool isOlder READ isOlder NOTIFY changed)
    Q_PROPERTY(int promptTokens READ promptTokens NOTIFY changed)
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY changed)  // capacity
    // Of the answer's prompt, in this order.
    Q_PROPERTY(int reusedTokens READ reusedTokens NOTIFY changed)      // from memory
    Q_PROPERTY(int restoredTokens READ restoredTokens NOTIFY changed)  // from disk
    Q_PROPERTY(int readTokens READ readTokens NOTIFY changed)          // computed
    Q_PROPERTY(int leftOutTokens READ leftOutTokens NOTIFY changed)    // not sent
    // The chat, its settings or the model are not what they were: its prompt had so many tokens.
    Q_PROPERTY(bool isChanged READ isChanged NOTIFY changed)
    Q_PROPERTY(int thenTokens READ thenTokens NOTIFY changed)
    Q_PROPERTY(int count READ count NOTIFY changed)
    // The message that is looked at: its row, its tokens from 1 on, and what they are: rows of
    // {text, id, origin, isTemplates}, or {gap: tokens that are passed over}.
    Q_PROPERTY(int current READ current WRITE setCurrent NOTIFY currentChanged)
    Q_PROPERTY(int firstToken READ firstToken NOTIFY currentChanged)
    Q_PROPERTY(int lastToken READ lastToken NOTIFY currentChanged)
    Q_PROPERTY(QVariantList tokens READ tokens NOTIFY currentChanged)

public:
    enum State { NoAnswer, NoModel, Looking, Ready, Failed };
    Q_ENUM(State)
    // Thinking: it was not sent. Dropped: the turns up to `number`, which are not.
    enum Kind { SystemPrompt, Question, Answer, Tool, Thinking, Dropped };
    Q_ENUM(Kind)
    enum Origin { Memory, Disk, Read, Unknown };
    Q_ENUM(Origin)
    enum Role {
        KindRole = Qt::UserRole + 1,
        NumberRole,  // of the message in the chat, from 1; 0: the system prompt
        ExcerptRole,
        TokensRole,
        MemoryRole,
        DiskRole,
        ReadRole,
        LeftOutRole,  // it was not sent
    };
    // role names: kind number excerpt tokenCount memoryTokens diskTokens readTokens isLeftOut

    struct Parts {
        EngineBridge& engine;
        JobRunner& jobs;
        const ModelController& models;
        const AnswerRunner& answers;
        const ChatSession& session;
        const ChatSettings& settings;
    };
    explicit ContextInspector(const Parts& parts, QObject* parent = nullptr);
    ~ContextInspector() override;

    // Of the answer in this row of the chat; -1: the last one, whichever it is then.
    Q_INVOKABLE void open(int row = -1);
    Q_INVOKABLE void close();
    Q_INVOKABLE QString promptText() const;
    void look();        // another chat is on screen
    void takeCounts();  // the answer that is looked at has more of them

    bool isOpen() const { return m_isOpen; }
    State state() const { return m_state; }
    QString problem() const;
    bool isOlder() const { return m_messageId != 0; }
    int promptTokens() const { return static_cast<int>(m_prompt.tokens.size()); }
    int contextTokens() const;
    int reusedTokens() const { return m_counts.reused; }
    int restoredTokens() const { return m_counts.restored; }
    int readTokens() const { return m_counts.prompt - m_counts.reused - m_counts.restored; }
    int leftOutTokens() const;
    bool isChanged() const { return m_counts.prompt > 0 && m_counts.prompt != promptTokens(); }
    int thenTokens() const { return m_counts.prompt; }
    int count() const { return static_cast<int>(m_rows.size()); }
    int current() const { return m_current; }
    void setCurrent(int row);
    int firstToken() const;
    int lastToken() const;
    QVariantList tokens() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void openChanged();
    void changed();
    void currentChanged();

private:
    struct Row {
        Kind kind = Question;
        int number = 0;
        QString excerpt;
        int firstToken = 0, nTokens = 0;
        bool isLeftOut = false;

        bool isSameItem(const Row& other) const {
            return kind == other.kind && number == other.number;
        }
        bool operator==(const Row&) const = default;
    };
    struct Counts {
        int prompt = 0;  // 0: its turn has not come
        int reused = 0, restored = 0;
        bool operator==(const Counts&) const = default;
    };

    int rowOfAnswer() const;
    Counts countsOf(int row) const;
    void take(Result<PromptDescription> prompt, const ChatPrompt& chat, const Row& dropped);
    void showNothing(State state);
    Origin originOf(int token) const;
    int tokensFrom(const Row& row, Origin origin) const;
    QString excerptOf(const PromptPart& part) const;

    Parts m_parts;
    bool m_isOpen = false;
    State m_state = NoAnswer;
    std::optional<Error> m_problem;
    qint64 m_messageId = 0;  // 0: the last answer
    qint64 m_shownId = 0;    // of the answer that m_prompt is of
    Counts m_counts;
    PromptDescription m_prompt;
    std::vector<Row> m_rows;
    int m_current = -1;
    JobId m_looking = 0;
    quint64 m_generation = 0;
};

}  // namespace sotto::app
