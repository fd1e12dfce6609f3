#include "storage/rescue/salvage.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/clock.h"
#include "storage/ledger_table.h"
#include "storage/token_blob.h"

namespace sotto::storage {
namespace {

constexpr TimeMs kFirstTime = 1'000'000'000'000;  // 2001: whatever is below is no time of ours
constexpr std::int64_t kLastId = std::int64_t{1} << 53;

// Shapes in letters: n null, i integer, r integer or null (a reference), t text, b 0 or 1, x blob.
// A text may be cut, and what follows a cut text may be missing.
bool isLetter(char letter, const CellValue& value) {
    using Kind = CellValue::Kind;
    if (value.kind == Kind::Missing) return letter == 'i' || letter == 'b' || letter == 'x';
    switch (letter) {
        case 'n': return value.kind == Kind::Null;
        case 'i': return value.isInteger();
        case 'r': return value.isInteger() || value.kind == Kind::Null;
        case 'b': return value.isInteger() && (value.integer == 0 || value.integer == 1);
        case 't': return value.isText();
        case 'x': return value.kind == Kind::Blob;
        default: return false;
    }
}

bool hasShape(const CellRow& row, std::string_view shape) {
    if (row.values.size() != shape.size()) return false;
    for (std::size_t column = 0; column < shape.size(); ++column) {
        if (!isLetter(shape[column], row.values[column])) return false;
    }
    return true;
}

bool isId(std::int64_t value) { return value > 0 && value < kLastId; }

constexpr std::string_view kFolderShape = "ntibi";
constexpr std::string_view kChatShape = "nrtbiiitt";
constexpr std::string_view kMessageShape1 = "niriibttiittt";
constexpr std::string_view kMessageShape2 = "niriibttiitttt";
constexpr std::string_view kMessageShape4 = "niriibttiitttti";
constexpr std::string_view kMessageShape9 = "niriibttiittttix";
constexpr std::string_view kDraftShape = "nti";
constexpr std::string_view kRepairShape = "nibbbit";  // chat, removed, inactive, replaced, role
constexpr std::string_view kModelShape = "ttiiiibttt";
constexpr std::string_view kLedgerShape6 = "nititiiit";
constexpr std::string_view kLedgerShape7 = "nititiiitt";
constexpr std::string_view kDownloadShape = "nittttttttiitttttii";
constexpr std::string_view kComparisonShape = "nittt";
constexpr std::string_view kSettingShape = "tt";
constexpr std::string_view kChunkShape = "iitt";
// Indices: what they say of rows that are lost. The row's id stands in them twice.
constexpr std::string_view kTreeShape = "iirbi";     // chat, message, parent, active
constexpr std::string_view kByUpdateShape = "iiii";  // deleted, updated, chat

bool isLedgerEntry(const CellRow& row) {
    return isId(row.rowId) && (hasShape(row, kLedgerShape6) || hasShape(row, kLedgerShape7));
}

bool isMessage(const CellRow& row) {
    if (!isId(row.rowId)) return false;
    constexpr std::string_view kShapes[] = {kMessageShape1, kMessageShape2, kMessageShape4,
                                            kMessageShape9};
    if (std::ranges::none_of(kShapes, [&](auto shape) { return hasShape(row, shape); }))
        return false;
    const auto isIn = [&](std::size_t column, std::int64_t last) {
        return row.values[column].integer >= 0 && row.values[column].integer <= last;
    };
    return isId(row.values[1].integer) && isIn(3, 3) && isIn(4, 3);
}

class Finder {
public:
    explicit Finder(Salvage& found) : m_found(found) {}

    void take(PageKind kind, PageNumber page, const CellRow& row) {
        if (kind == PageKind::TableLeaf) {
            takeTableRow(page, row);
        } else {
            takeIndexRow(row);
        }
    }

    // When all rows are found.
    void finish() {
        applyRepairs();
        // Deleted for good, but for a row that could not go.
        std::erase_if(m_found.chats, [](const auto& entry) {
            return (entry.second.row ? entry.second.row->deletedAt : entry.second.deletedAt) < 0;
        });
        for (auto& [chatId, chat] : m_found.chats) {
            for (auto& [id, message] : chat.messages) {
                if (!message.isWriting) continue;
                const auto chunks = m_found.chunks.find(id);
                if (chunks != m_found.chunks.end() && join(chunks->second).isShortened)
                    message.isShortened = true;
            }
        }
    }

private:
    void applyRepairs() {
        for (const auto& [id, row] : m_repairs) {
            std::map<MessageId, FoundMessage>& messages =
                m_found.chats[row.values[1].integer].messages;
            FoundMessage& message = messages[id];
            const std::int64_t role = row.values[5].integer;
            if (role >= 0 && role <= 3) message.role = static_cast<MessageRole>(role);
            if (row.values[3].integer == 1) message.isActive = false;
            if (row.values[4].integer == 1) {
                message.replacement = row.values[6].text;
                message.isShortened = false;
            }
            if (row.values[2].integer == 0) continue;
            const MessageId parentId = message.parentId;
            messages.erase(id);
            for (auto& [childId, child] : messages) {
                if (child.parentId == id) child.parentId = parentId;
            }
        }
    }

    void takeTableRow(PageNumber page, const CellRow& row) {
        if (isMessage(row)) return takeMessage(page, row);
        if (isId(row.rowId) && hasShape(row, kChatShape)) return takeChat(row);
        if (isId(row.rowId) && hasShape(row, kFolderShape)) return takeFolder(row);
        if (isId(row.rowId) && hasShape(row, kRepairShape)) {
            m_repairs[row.rowId] = row;
        } else if (isId(row.rowId) && hasShape(row, kDraftShape)) {
            m_found.drafts[row.rowId] = row.values[1].text;
            noteSmall(row);
        } else if (hasShape(row, kModelShape)) {
            takeModel(row);
        } else if (isId(row.rowId) && hasShape(row, kDownloadShape)) {
            takeDownload(row);
        } else if (isLedgerEntry(row)) {
            takeLedgerEntry(row);
        } else if (isId(row.rowId) && hasShape(row, kComparisonShape)) {
            takeComparison(row);
        }
    }

    void takeIndexRow(const CellRow& row) {
        const std::vector<CellValue>& values = row.values;
        if (hasShape(row, kTreeShape) && values[1].integer == values[4].integer &&
            isId(values[0].integer) && isId(values[1].integer)) {
            takeTreeEntry(values);
        } else if (hasShape(row, kByUpdateShape) && values[2].integer == values[3].integer &&
                   isId(values[2].integer) && values[1].integer > kFirstTime) {
            FoundChat& chat = m_found.chats[values[2].integer];
            chat.deletedAt = values[0].integer;
            chat.updatedAt = values[1].integer;
        } else if (hasShape(row, kSettingShape) && !values[0].text.empty()) {
            if (!row.isShortened) m_found.settings[values[0].text] = values[1].text;
            noteSmall(row);
        } else if (hasShape(row, kChunkShape) && isId(values[0].integer)) {
            m_found.chunks[values[0].integer][values[1].integer] = {values[2].text, values[3].text,
                                                                    row.isShortened};
        }
    }

    void takeMessage(PageNumber page, const CellRow& row) {
        FoundMessage& message = m_found.chats[row.values[1].integer].messages[row.rowId];
        // An older copy on a page that was given up without being listed as free: the whole one.
        if (message.page != 0 && !message.isShortened) return;
        message.parentId = row.values[2].integer;
        message.isActive = row.values[5].integer == 1;
        message.page = page;
        message.isShortened = row.isShortened;
        message.isWriting = row.values[4].integer == 0;
    }

    void takeTreeEntry(const std::vector<CellValue>& values) {
        const auto [place, isNew] =
            m_found.chats[values[0].integer].messages.try_emplace(values[1].integer);
        if (!isNew) return;
        place->second.parentId = values[2].integer;
        place->second.isActive = values[3].integer == 1;
    }

    void takeChat(const CellRow& row) {
        const std::vector<CellValue>& values = row.values;
        ChatSummary chat;
        chat.id = row.rowId;
        chat.folderId = values[1].integer;
        chat.title = values[2].text;
        chat.isPinned = values[3].integer == 1;
        chat.createdAt = values[4].integer;
        chat.updatedAt = values[5].integer;
        chat.deletedAt = values[6].integer;
        chat.modelPath = values[7].text;
        FoundChat& found = m_found.chats[row.rowId];
        if (found.row) return;
        found.row = std::move(chat);
        if (!row.isShortened) found.settingsJson = values[8].text;
    }

    void takeFolder(const CellRow& row) {
        const std::vector<CellValue>& values = row.values;
        if (values[4].integer < kFirstTime) return;
        m_found.folders.push_back({row.rowId, values[1].text, values[2].integer,
                                   values[3].integer == 1, values[4].integer});
        noteSmall(row);
    }

    void takeModel(const CellRow& row) {
        const std::vector<CellValue>& values = row.values;
        noteSmall(row);
        ModelRecord model;
        model.path = values[0].text;
        model.name = values[1].text;
        model.sizeBytes = values[2].integer;
        model.modifiedAt = values[3].integer;
        model.addedAt = values[4].integer;
        model.lastUsedAt = values[5].integer;
        model.isFavourite = values[6].integer == 1;
        model.sha256 = values[7].text;
        if (!row.isShortened) {
            model.infoJson = values[8].text;
            model.settingsJson = values[9].text;
        }
        m_found.models.push_back(std::move(model));
    }

    // A cut row is of no use: what it says of the part on the disk must be true as a whole.
    void takeDownload(const CellRow& row) {
        noteSmall(row);
        if (row.isShortened) return;
        const std::vector<CellValue>& values = row.values;
        DownloadRecord download;
        download.id = row.rowId;
        download.position = values[1].integer;
        download.endpoint = values[2].text;
        download.repository = values[3].text;
        download.revision = values[4].text;
        download.path = values[5].text;
        download.target = values[6].text;
        download.commit = values[7].text;
        download.sha256 = values[8].text;
        download.blobSha1 = values[9].text;
        download.sizeBytes = values[10].integer;
        download.keptBytes = values[11].integer;
        download.etag = values[12].text;
        download.state = values[13].text;
        const std::string& code = values[14].text;
        if (!code.empty())
            download.problem = Error{errorCodeOfName(code), values[15].text, values[16].text,
                                     static_cast<std::uint64_t>(values[17].integer),
                                     static_cast<std::uint64_t>(values[18].integer)};
        m_found.downloads.push_back(std::move(download));
    }

    void takeLedgerEntry(const CellRow& row) {
        const std::vector<CellValue>& values = row.values;
        if (row.isShortened || values[1].integer < kFirstTime) return;
        LedgerRecord entry;
        entry.id = row.rowId;
        entry.startedAt = values[1].integer;
        entry.host = values[2].text;
        entry.port = static_cast<int>(values[3].integer);
        entry.purpose = values[4].text;
        entry.sentBytes = values[5].integer;
        entry.receivedBytes = values[6].integer;
        entry.httpStatus = static_cast<int>(values[7].integer);
        entry.problem = values[8].text;
        if (values.size() > 9) entry.state = ledgerStateOfName(values[9].text);
        m_found.ledger.push_back(std::move(entry));
    }

    void takeComparison(const CellRow& row) {
        const std::vector<CellValue>& values = row.values;
        if (row.isShortened || values[1].integer < kFirstTime) return;
        m_found.comparisons.push_back(
            {row.rowId, values[1].integer, values[2].text, values[3].text, values[4].text});
    }

    void noteSmall(const CellRow& row) {
        if (row.isShortened) m_found.isAllSmallWhole = false;
    }

    Salvage& m_found;
    std::map<MessageId, CellRow> m_repairs;
};

}  // namespace

int FoundChat::nReadable() const {
    return static_cast<int>(std::count_if(messages.begin(), messages.end(), [](const auto& entry) {
        return entry.second.isReadable();
    }));
}

int FoundChat::nShortened() const {
    return static_cast<int>(std::count_if(messages.begin(), messages.end(), [](const auto& entry) {
        return entry.second.isShortened;
    }));
}

Result<Salvage> salvage(PageFile& file, const std::function<bool()>& isCancelled) {
    enum class State : std::uint8_t { Unknown, Whole, Damaged };
    Salvage found;
    std::vector<State> pages(std::size_t{file.nPages()} + 1, State::Unknown);
    std::vector<bool> isFree(pages.size(), false);
    for (const PageNumber page : file.freePages()) {
        if (page < pages.size()) isFree[page] = true;
    }
    Finder finder(found);
    for (PageNumber page = 1; page <= file.nPages(); ++page) {
        if (isCancelled && page % 64 == 0 && isCancelled()) {
            return fail(ErrorCode::Cancelled, "Reading the library was stopped.");
        }
        if (isFree[page] || file.isLockPage(page)) {
            pages[page] = State::Whole;
            continue;
        }
        const PageRows content = readRows(file, page);
        if (content.kind == PageKind::Unknown) continue;
        pages[page] = content.isWhole ? State::Whole : State::Damaged;
        for (const CellRow& row : content.rows) {
            finder.take(content.kind, page, row);
            for (const PageNumber next : row.overflow) {
                if (pages[next] == State::Unknown) pages[next] = State::Whole;
            }
            if (row.brokenOverflow != 0 && row.brokenOverflow < pages.size()) {
                pages[row.brokenOverflow] = State::Damaged;
            } else if (row.isShortened) {
                pages[row.overflow.empty() ? page : row.overflow.front()] = State::Damaged;
            }
        }
    }
    finder.finish();
    found.nPages = file.nPages();
    found.nUnreadablePages = std::count_if(pages.begin() + 1, pages.end(),
                                           [](State state) { return state != State::Whole; });
    return found;
}

JoinedChunks join(const Salvage::Chunks& chunks) {
    JoinedChunks whole;
    std::int64_t expected = 0;
    for (const auto& [sequence, chunk] : chunks) {
        whole.isShortened = sequence != expected++;
        if (whole.isShortened) break;
        whole.content += chunk.content;
        whole.thinking += chunk.thinking;
        whole.isShortened = chunk.isShortened;
        if (whole.isShortened) break;
    }
    return whole;
}

// What is missing of the statistics or a sentence of failure does not make a part of a message.
void markPart(const CellRow& row, MessageRecord& message) {
    const CellValue& content = row.values[6];
    const std::int64_t earlier =
        row.values.size() > 14 && row.values[14].isInteger() ? row.values[14].integer : 0;
    message.isDamaged = content.isCut() || row.values[7].isCut() || earlier != 0;
    if (earlier > 0)
        message.totalBytes = earlier;
    else if (content.isCut() && earlier == 0)
        message.totalBytes = static_cast<std::int64_t>(content.fullBytes);
}

std::optional<FoundRow> readFound(PageFile& file, MessageId id, const FoundMessage& found) {
    if (found.replacement) {
        FoundRow row;
        row.message.id = id;
        row.message.role = found.role;
        row.message.content = *found.replacement;
        row.message.createdAt = timeOfId(id);
        row.message.finishedAt = row.message.createdAt;
        row.message.statsJson = "{}";
        return row;
    }
    if (found.page == 0) return std::nullopt;
    for (const CellRow& row : readRows(file, found.page).rows) {
        if (row.rowId != id || !isMessage(row)) continue;
        const std::vector<CellValue>& values = row.values;
        MessageRecord message;
        message.id = id;
        message.chatId = values[1].integer;
        message.parentId = values[2].integer;
        message.role = static_cast<MessageRole>(values[3].integer);
        message.state = static_cast<MessageState>(values[4].integer);
        message.content = values[6].text;
        message.thinking = values[7].text;
        message.createdAt = values[8].isInteger() ? values[8].integer : timeOfId(id);
        message.finishedAt = values[9].isInteger() ? values[9].integer : message.createdAt;
        if (!row.isShortened) message.statsJson = values[10].text;
        message.error = values[11].text;
        message.modelName = values[12].text;
        markPart(row, message);
        if (values.size() > 15 && !message.isDamaged)
            message.tokens = tokensOfBlob(values[15].blob);
        return FoundRow{std::move(message), values.size() > 13 ? values[13].text : std::string()};
    }
    return std::nullopt;
}

}  // namespace sotto::storage
