#include "app/commands/command_list.h"

#include <QCoreApplication>
#include <QVariantMap>
#include <algorithm>

namespace sotto::app {
namespace {

struct CommandText {
    Q_DECLARE_TR_FUNCTIONS(CommandText)
};

QString titleOf(AppCommand::Group group) {
    switch (group) {
        case AppCommand::Chats: return CommandText::tr("Chats");
        case AppCommand::Conversation: return CommandText::tr("This chat");
        case AppCommand::View: return CommandText::tr("View");
    }
    return {};
}

std::vector<QPointer<AppCommand>> toCommands(const QVariantList& objects) {
    std::vector<QPointer<AppCommand>> commands;
    for (const QVariant& object : objects)
        if (auto* command = object.value<AppCommand*>()) commands.emplace_back(command);
    return commands;
}

}  // namespace

void CommandList::setCommands(const QVariantList& commands) {
    for (const auto& command : m_commands)
        if (command) command->disconnect(this);
    m_given = commands;
    m_commands = toCommands(commands);
    for (const auto& command : m_commands) {
        connect(command, &AppCommand::changed, this, &CommandList::choose);
        connect(command, &QObject::destroyed, this, &CommandList::choose);
    }
    emit commandsChanged();
    choose();
}

void CommandList::setLocalCommands(const QVariantList& commands) {
    m_givenLocal = commands;
    m_local = toCommands(commands);
    emit commandsChanged();
}

void CommandList::setQuery(const QString& query) {
    if (query == m_query) return;
    m_query = query;
    emit queryChanged();
    choose();
}

void CommandList::setSearched(bool isSearched) {
    if (isSearched == m_isSearched) return;
    m_isSearched = isSearched;
    emit queryChanged();
    choose();
}

bool CommandList::isFound(const AppCommand& command) const {
    if (!m_isSearched || !command.isEnabled() || !command.isListed()) return false;
    const QStringList words = m_query.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&command](const QString& word) {
        return command.text().contains(word, Qt::CaseInsensitive);
    });
}

void CommandList::choose() {
    std::vector<AppCommand*> rows;
    for (const auto& command : m_commands)
        if (command && isFound(*command)) rows.push_back(command);
    if (rows == m_rows) {
        if (!rows.empty()) emit dataChanged(index(0), index(count() - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
    emit countChanged();
}

void CommandList::trigger(int row) {
    if (row < 0 || row >= count()) return;
    emit m_rows[static_cast<std::size_t>(row)]->triggered();
}

QVariantList CommandList::groups() const {
    QVariantList groups;
    for (const auto group : {AppCommand::Chats, AppCommand::Conversation, AppCommand::View}) {
        QVariantList rows;
        for (const auto* commands : {&m_commands, &m_local})
            for (const auto& command : *commands)
                if (command && command->isThere() && command->group() == group)
                    rows.append(QVariantMap{{QStringLiteral("text"), command->text()},
                                            {QStringLiteral("caps"), keyCaps(command->keys())}});
        groups.append(
            QVariantMap{{QStringLiteral("title"), titleOf(group)}, {QStringLiteral("rows"), rows}});
    }
    return groups;
}

int CommandList::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant CommandList::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const AppCommand& command = *m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case TextRole: return command.text();
        case IconNameRole: return command.iconName();
        case KeysRole: return command.keys();
        default: return {};
    }
}

QHash<int, QByteArray> CommandList::roleNames() const {
    return {{TextRole, "text"}, {IconNameRole, "iconName"}, {KeysRole, "keys"}};
}

}  // namespace sotto::app
