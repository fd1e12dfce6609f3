// MessageListModel: the active path of one chat, one row per message; each row has its own block
// list.
//
// Only the last row changes while an answer is written, at most once per frame. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QHash>
#include <QQmlEngine>
#include <QSet>
#include <memory>
#include <vector>

#include "app/chat/block_list_model.h"

namespace sotto::app {

struct Message;

class MessageListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ChatController")
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum MessageState { Waiting, Reading, Thinking, Writing, Done, Stopped, Failed };
    Q_ENUM(MessageState)

    enum MessageRole { System, User, Assistant, Tool };
    Q_ENUM(MessageRole)

    enum Role {
        MessageIdRole = Qt::UserRole + 1,  // qint64
        MessageRoleRole,                   // MessageRole: who wrote it
        PlainTextRole,                     // QString, the Markdown source
        // QString: of a question or a damaged message, which are one plain text; empty for an
        // answer, whose blocks are shown: QML would copy its whole text with every delivery.
        ShownTextRole,
        HasTextRole,          // bool
        BlocksRole,           // BlockListModel*; null where the message is one plain text
        StateRole,            // MessageState
        ThinkingTextRole,     // QString, Markdown source; empty: no thinking
        ThinkingSecondsRole,  // double
        ThinkingTokensRole,   // int
        VersionIndexRole,     // int, from 1
        VersionCountRole,     // int
        WrittenCountRole,     // int: so many of its versions are being written now
        FiguresRole,          // QStringList, see answerFigures()
        IsCutShortRole,       // bool: there may be more to say
        EndNoteRole,          // QString: a sentence below an answer without words, or interrupted
        ErrorTextRole,        // QString: sentence and remedy, translated; empty: none
        ModelNameRole,        // QString
        TimeRole,             // QDateTime
        IsLastRole,           // bool
        IsEditingRole,        // bool: an editor is open in its place
        EditTextRole,         // QString: what stands in that editor
        OriginalTextRole,     // QString: what it was opened with
        IsUnfoldedRole,       // bool: a long question is shown whole, thinking is open
        IsDamagedRole,        // bool: plainText is what can be read of it
        ReadableBytesRole,    // double, of a damaged message
        TotalBytesRole,       // double, that there were; 0: not known
        IsDroppedRole,        // bool: it is not sent any more
        DropMarkRole,         // QString: below the last of those, what they are; empty: none
    };
    Q_ENUM(Role)
    // role names: messageId messageRole plainText shownText hasText blocks messageState
    // thinkingText thinkingSeconds thinkingTokens versionIndex versionCount writtenCount figures
    // isCutShort endNote errorText modelName time isLast isEditing editText originalText isUnfolded
    // isDamaged readableBytes totalBytes isDropped dropMark

    // The open editors, by message: they outlive their delegates and the opening of another chat,
    // and close when their text is stored or given up.
    Q_INVOKABLE void beginEdit(int row);  // with the message's text, unless it is open already
    Q_INVOKABLE void setEditText(int row, const QString& text);  // as it is typed; no role is told
    Q_INVOKABLE void cancelEdit(int row);

    // Outlives the delegate too, while the window is open.
    Q_INVOKABLE void setUnfolded(int row, bool isUnfolded);

    explicit MessageListModel(QObject* parent = nullptr);
    ~MessageListModel() override;

    // Another conversation.
    void reset(std::vector<Message> messages);
    // The same conversation after a change: rows that kept their message stay, the others are
    // replaced.
    void update(std::vector<Message> messages);
    void append(Message message);
    // Changes one message in place and tells the roles that it may have changed.
    void replace(int row, const Message& message);

    // The editor of a message that may not be on screen now: open, with this text unless it has
    // more already, or closed.
    void keepEdit(qint64 chatId, qint64 messageId, const QString& text);
    void closeEdit(qint64 messageId);
    // Its text is stored as this new version; what was typed since stays in an editor of that one.
    void takeStoredEdit(qint64 messageId, const Message& stored);
    struct Edit {
        qint64 chatId = 0;
        QString original;
        QString text;
    };
    // Open editors whose text is not the message's, of all chats.
    std::vector<Edit> unsavedEdits() const;

    // So many of the first messages are not sent any more.
    void setDropped(int nMessages, qint64 nTokens);

    // What the model says of its messages is in another language now.
    void tellWords();

    // The whole conversation as Markdown, a heading for each speaker.
    Q_INVOKABLE QString asMarkdown() const;

    const Message& at(int row) const;
    int rowOf(qint64 messageId) const;  // -1: not here
    int rowCountProperty() const { return rowCount(); }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();

private:
    struct Row;

    BlockListModel* blocks(const Row& row) const;
    void tellLast(int row);
    void tellEdit(int row);
    QString dropMark(int row) const;

    std::vector<std::unique_ptr<Row>> m_rows;
    QHash<qint64, Edit> m_edits;  // by message
    QSet<qint64> m_unfolded;      // messages
    int m_nDropped = 0;           // of the first messages
    qint64 m_droppedTokens = 0;
};

}  // namespace sotto::app
