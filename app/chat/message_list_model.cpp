#include "app/chat/message_list_model.h"

#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/chat/answer_figures.h"
#include "app/chat/message.h"
#include "app/chat/stop_text.h"
#include "app/system/number_format.h"

namespace sotto::app {

// The block list is made when a delegate first asks for it: a chat of 400 messages parses only what
// is on screen.
struct MessageListModel::Row {
    Message message;
    mutable std::unique_ptr<BlockListModel> blocks;
};

MessageListModel::MessageListModel(QObject* parent) : QAbstractListModel(parent) {}

MessageListModel::~MessageListModel() = default;

void MessageListModel::reset(std::vector<Message> messages) {
    beginResetModel();
    m_rows.clear();
    m_rows.reserve(messages.size());
    for (Message& message : messages)
        m_rows.push_back(std::make_unique<Row>(Row{std::move(message), nullptr}));
    endResetModel();
    emit countChanged();
}

void MessageListModel::update(std::vector<Message> messages) {
    std::size_t nKept = 0;
    while (nKept < m_rows.size() && nKept < messages.size() &&
           m_rows[nKept]->message.id == messages[nKept].id)
        ++nKept;
    if (nKept < m_rows.size()) {
        beginRemoveRows({}, static_cast<int>(nKept), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(nKept);
        endRemoveRows();
        if (nKept > 0) tellLast(static_cast<int>(nKept) - 1);
    }
    for (std::size_t row = 0; row < nKept; ++row) replace(static_cast<int>(row), messages[row]);
    for (std::size_t row = nKept; row < messages.size(); ++row) append(std::move(messages[row]));
    emit countChanged();
}

void MessageListModel::append(Message message) {
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_rows.push_back(std::make_unique<Row>(Row{std::move(message), nullptr}));
    endInsertRows();
    if (row > 0) tellLast(row - 1);
    emit countChanged();
}

void MessageListModel::replace(int row, const Message& message) {
    Row& entry = *m_rows[static_cast<std::size_t>(row)];
    const bool isTextChanged = entry.message.text != message.text;
    const bool isShapeChanged = entry.message.isDamaged != message.isDamaged;
    entry.message = message;
    QList<int> roles{StateRole,        ThinkingTextRole, ThinkingSecondsRole, ThinkingTokensRole,
                     VersionIndexRole, VersionCountRole, FiguresRole,         IsCutShortRole,
                     ErrorTextRole,    ModelNameRole,    IsDamagedRole,       EndNoteRole,
                     WrittenCountRole};
    if (isTextChanged) {
        if (entry.blocks) entry.blocks->setSource(message.text);
        roles.append({PlainTextRole, Qt::DisplayRole, ShownTextRole, HasTextRole});
    }
    if (isShapeChanged) roles.append({BlocksRole, ShownTextRole});
    const QModelIndex changed = index(row);
    emit dataChanged(changed, changed, roles);
}

QString MessageListModel::asMarkdown() const {
    QStringList parts;
    for (int row = 0; row < rowCount(); ++row) {
        const Message& message = at(row);
        const QString speaker = message.role == User ? tr("You") : tr("Answer");
        parts.append(QStringLiteral("### %1\n\n").arg(speaker) + message.text);
        // A part must not be taken for the whole where it is pasted.
        if (message.isDamaged)
            parts.append(QStringLiteral("*%1*").arg(
                tr("Only the beginning of this message could be read.")));
    }
    return parts.join(QStringLiteral("\n\n"));
}

const Message& MessageListModel::at(int row) const {
    return m_rows[static_cast<std::size_t>(row)]->message;
}

int MessageListModel::rowOf(qint64 messageId) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [messageId](const auto& row) {
        return row->message.id == messageId;
    });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

BlockListModel* MessageListModel::blocks(const Row& row) const {
    if (row.message.isUser() || row.message.isDamaged) return nullptr;
    if (!row.blocks) {
        row.blocks = std::make_unique<BlockListModel>();
        QQmlEngine::setObjectOwnership(row.blocks.get(), QQmlEngine::CppOwnership);
        row.blocks->setSource(row.message.text);
    }
    return row.blocks.get();
}

void MessageListModel::tellLast(int row) {
    const QModelIndex changed = index(row);
    emit dataChanged(changed, changed, {IsLastRole});
}

void MessageListModel::setUnfolded(int row, bool isUnfolded) {
    if (row < 0 || row >= rowCount() || m_unfolded.contains(at(row).id) == isUnfolded) return;
    if (isUnfolded)
        m_unfolded.insert(at(row).id);
    else
        m_unfolded.remove(at(row).id);
    emit dataChanged(index(row), index(row), {IsUnfoldedRole});
}

void MessageListModel::beginEdit(int row) {
    if (row < 0 || row >= rowCount() || m_edits.contains(at(row).id)) return;
    m_edits.insert(at(row).id, {at(row).chatId, at(row).text, at(row).text});
    tellEdit(row);
}

void MessageListModel::setEditText(int row, const QString& text) {
    if (row < 0 || row >= rowCount()) return;
    if (const auto edit = m_edits.find(at(row).id); edit != m_edits.end()) edit->text = text;
}

void MessageListModel::cancelEdit(int row) {
    if (row >= 0 && row < rowCount()) closeEdit(at(row).id);
}

std::vector<MessageListModel::Edit> MessageListModel::unsavedEdits() const {
    std::vector<Edit> edits;
    for (const Edit& edit : m_edits)
        if (const QString text = edit.text.trimmed(); !text.isEmpty() && text != edit.original)
            edits.push_back(edit);
    return edits;
}

void MessageListModel::keepEdit(qint64 chatId, qint64 messageId, const QString& text) {
    if (!m_edits.contains(messageId)) m_edits.insert(messageId, {chatId, {}, text});
    tellEdit(rowOf(messageId));
}

void MessageListModel::closeEdit(qint64 messageId) {
    if (m_edits.remove(messageId) > 0) tellEdit(rowOf(messageId));
}

void MessageListModel::takeStoredEdit(qint64 messageId, const Message& stored) {
    const QString text = m_edits.value(messageId).text;
    closeEdit(messageId);
    if (text.trimmed().isEmpty() || text.trimmed() == stored.text) return;
    m_edits.insert(stored.id, {stored.chatId, stored.text, text});
    tellEdit(rowOf(stored.id));
}

void MessageListModel::setDropped(int nMessages, qint64 nTokens) {
    if (nMessages == m_nDropped && nTokens == m_droppedTokens) return;
    const int nTold = std::min(rowCount(), std::max(nMessages, m_nDropped));
    m_nDropped = nMessages;
    m_droppedTokens = nTokens;
    if (nTold > 0) emit dataChanged(index(0), index(nTold - 1), {IsDroppedRole, DropMarkRole});
}

QString MessageListModel::dropMark(int row) const {
    if (row + 1 != m_nDropped) return {};
    NumberFormat format;
    format.followLanguage();
    const QString tokens = format.count(static_cast<double>(m_droppedTokens));
    return m_nDropped == 1 ? tr("Message 1 is not sent any more, %1 tokens").arg(tokens)
                           : tr("Messages 1 to %1 are not sent any more, %2 tokens")
                                 .arg(format.count(m_nDropped), tokens);
}

void MessageListModel::tellWords() {
    if (!m_rows.empty())
        emit dataChanged(index(0), index(rowCount() - 1),
                         {ErrorTextRole, FiguresRole, EndNoteRole, ShownTextRole, DropMarkRole});
}

void MessageListModel::tellEdit(int row) {
    if (row < 0) return;
    const QModelIndex changed = index(row);
    emit dataChanged(changed, changed, {EditTextRole, OriginalTextRole, IsEditingRole});
}

int MessageListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant MessageListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = *m_rows[static_cast<std::size_t>(index.row())];
    const Message& message = row.message;
    switch (role) {
        case MessageIdRole: return message.id;
        case MessageRoleRole: return message.role;
        case Qt::DisplayRole:
        case PlainTextRole: return message.text;
        case ShownTextRole:
            if (!message.isUser() && !message.isDamaged) return QString();
            return message.isDamaged && !message.text.isEmpty() ? tr("“%1 …”").arg(message.text)
                                                                : message.text;
        case HasTextRole: return !message.text.isEmpty();
        case BlocksRole: return QVariant::fromValue(blocks(row));
        case StateRole: return message.state;
        case ThinkingTextRole: return message.thinking;
        case ThinkingSecondsRole: return message.stats.thinkingSeconds;
        case ThinkingTokensRole: return message.stats.thinkingTokens;
        case VersionIndexRole: return message.versionIndex;
        case VersionCountRole: return message.versionCount;
        case WrittenCountRole: return message.nWritten;
        case FiguresRole: return answerFigures(message);
        case IsCutShortRole: return isCutShort(endReason(message));
        case EndNoteRole: return endNote(message);
        case ErrorTextRole: return message.failure ? errorText(*message.failure) : message.error;
        case ModelNameRole: return message.modelName;
        case TimeRole: return message.time;
        case IsLastRole: return index.row() + 1 == rowCount();
        case IsEditingRole: return m_edits.contains(message.id);
        case IsUnfoldedRole: return m_unfolded.contains(message.id);
        case EditTextRole: return m_edits.value(message.id).text;
        case OriginalTextRole: return m_edits.value(message.id).original;
        case IsDamagedRole: return message.isDamaged;
        case ReadableBytesRole: return static_cast<double>(message.readableBytes);
        case TotalBytesRole: return static_cast<double>(message.totalBytes);
        case IsDroppedRole: return index.row() < m_nDropped;
        case DropMarkRole: return dropMark(index.row());
        default: return {};
    }
}

QHash<int, QByteArray> MessageListModel::roleNames() const {
    return {{MessageIdRole, "messageId"},
            {MessageRoleRole, "messageRole"},
            {PlainTextRole, "plainText"},
            {ShownTextRole, "shownText"},
            {HasTextRole, "hasText"},
            {BlocksRole, "blocks"},
            {StateRole, "messageState"},
            {ThinkingTextRole, "thinkingText"},
            {ThinkingSecondsRole, "thinkingSeconds"},
            {ThinkingTokensRole, "thinkingTokens"},
            {VersionIndexRole, "versionIndex"},
            {VersionCountRole, "versionCount"},
            {WrittenCountRole, "writtenCount"},
            {FiguresRole, "figures"},
            {IsCutShortRole, "isCutShort"},
            {EndNoteRole, "endNote"},
            {ErrorTextRole, "errorText"},
            {ModelNameRole, "modelName"},
            {TimeRole, "time"},
            {IsLastRole, "isLast"},
            {IsEditingRole, "isEditing"},
            {EditTextRole, "editText"},
            {OriginalTextRole, "originalText"},
            {IsUnfoldedRole, "isUnfolded"},
            {IsDamagedRole, "isDamaged"},
            {ReadableBytesRole, "readableBytes"},
            {TotalBytesRole, "totalBytes"},
            {IsDroppedRole, "isDropped"},
            {DropMarkRole, "dropMark"}};
}

}  // namespace sotto::app
