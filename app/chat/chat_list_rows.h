// The rows of the chat list, made of what storage holds: sections, folders, chats, in the order in
// which they are drawn. Pure functions.
#pragma once

#include <QDate>
#include <QDateTime>
#include <vector>

#include "app/chat/chat_list_model.h"
#include "storage/api/chat_record.h"

namespace sotto::app {

// Local time.
inline QDateTime toTime(storage::TimeMs time) { return QDateTime::fromMSecsSinceEpoch(time); }

// The section of a moment that lies in the past, as seen from `today`.
ChatListModel::SectionKey sectionOf(const QDateTime& time, const QDate& today);

// Its heading in the list, in the language of the moment; empty: NoSection.
QString sectionTitle(ChatListModel::SectionKey section);

// Milliseconds until "Today" becomes "Yesterday", a second of room included.
int msUntilMidnight();

std::vector<ChatListModel::Row> chatListRows(const std::vector<storage::ChatSummary>& chats,
                                             const std::vector<storage::Folder>& folders,
                                             const QDate& today);

}  // namespace sotto::app
