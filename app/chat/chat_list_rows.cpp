#include "app/chat/chat_list_rows.h"

#include <QCoreApplication>
#include <map>

namespace sotto::app {
namespace {

struct SectionText {
    Q_DECLARE_TR_FUNCTIONS(SectionText)
};

using Row = ChatListModel::Row;
using Chats = std::vector<const storage::ChatSummary*>;

void appendChats(std::vector<Row>& rows, ChatListModel::SectionKey section, const Chats& chats) {
    for (const storage::ChatSummary* chat : chats) {
        rows.push_back({.kind = ChatListModel::Chat,
                        .section = section,
                        .id = chat->id,
                        .folderId = chat->folderId,
                        .title = QString::fromStdString(chat->title),
                        .isPinned = chat->isPinned,
                        .depth = section == ChatListModel::Folders ? 1 : 0,
                        .time = toTime(chat->updatedAt)});
    }
}

void appendFolder(std::vector<Row>& rows, const storage::Folder& folder, const Chats& chats) {
    rows.push_back({.kind = ChatListModel::Folder,
                    .section = ChatListModel::Folders,
                    .id = folder.id,
                    .folderId = folder.id,
                    .title = QString::fromStdString(folder.name),
                    .isExpanded = !folder.isCollapsed,
                    .count = static_cast<int>(chats.size())});
    if (!folder.isCollapsed) appendChats(rows, ChatListModel::Folders, chats);
}

}  // namespace

ChatListModel::SectionKey sectionOf(const QDateTime& time, const QDate& today) {
    const qint64 nDays = time.date().daysTo(today);
    if (nDays <= 0) return ChatListModel::Today;
    if (nDays == 1) return ChatListModel::Yesterday;
    if (nDays <= 7) return ChatListModel::Last7Days;
    if (nDays <= 30) return ChatListModel::Last30Days;
    return ChatListModel::Older;
}

QString sectionTitle(ChatListModel::SectionKey section) {
    switch (section) {
        case ChatListModel::Pinned: return SectionText::tr("Pinned");
        case ChatListModel::Folders: return SectionText::tr("Folders");
        case ChatListModel::Today: return SectionText::tr("Today");
        case ChatListModel::Yesterday: return SectionText::tr("Yesterday");
        case ChatListModel::Last7Days: return SectionText::tr("Last 7 days");
        case ChatListModel::Last30Days: return SectionText::tr("Last 30 days");
        case ChatListModel::Older: return SectionText::tr("Older");
        case ChatListModel::NoSection: break;
    }
    return {};
}

int msUntilMidnight() {
    const QDateTime now = QDateTime::currentDateTime();
    return static_cast<int>(now.msecsTo(now.date().addDays(1).startOfDay()) + 1000);
}

std::vector<Row> chatListRows(const std::vector<storage::ChatSummary>& chats,
                              const std::vector<storage::Folder>& folders, const QDate& today) {
    Chats pinned;
    std::map<qint64, Chats> byFolder;
    std::map<ChatListModel::SectionKey, Chats> byAge;
    for (const storage::ChatSummary& chat : chats) {
        if (chat.isPinned)
            pinned.push_back(&chat);
        else if (chat.folderId != 0)
            byFolder[chat.folderId].push_back(&chat);
        else
            byAge[sectionOf(toTime(chat.updatedAt), today)].push_back(&chat);
    }
    std::vector<Row> rows;
    const auto startSection = [&rows](ChatListModel::SectionKey section) {
        rows.push_back({.kind = ChatListModel::Section, .section = section});
    };
    if (!pinned.empty()) {
        startSection(ChatListModel::Pinned);
        appendChats(rows, ChatListModel::Pinned, pinned);
    }
    if (!folders.empty()) startSection(ChatListModel::Folders);
    for (const storage::Folder& folder : folders) appendFolder(rows, folder, byFolder[folder.id]);
    for (const auto& [section, ofSection] : byAge) {
        startSection(section);
        appendChats(rows, section, ofSection);
    }
    return rows;
}

}  // namespace sotto::app
