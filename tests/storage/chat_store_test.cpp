#include "storage/chat_store.h"

#include <QTest>
#include <set>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

std::vector<std::string> titlesOf(const Result<std::vector<ChatSummary>>& chats) {
    std::vector<std::string> titles;
    for (const ChatSummary& chat : *chats) titles.push_back(chat.title);
    return titles;
}

using Titles = std::vector<std::string>;

}  // namespace

class ChatStoreTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void createChat_keepsWhatWasGiven() {
        const auto folder = m_library->folders().create("Work", 0);
        VERIFY_OK(folder);
        const auto chat = m_library->chats().create({.id = 4711,
                                                     .folderId = folder->id,
                                                     .title = "标题 'quoted' \"x\"",
                                                     .modelPath = "/m/a.gguf",
                                                     .settingsJson = R"({"temperature":0.2})"});
        VERIFY_OK(chat);
        QCOMPARE(chat->id, ChatId{4711});
        QCOMPARE(chat->folderId, folder->id);
        QCOMPARE(chat->title, std::string("标题 'quoted' \"x\""));
        QCOMPARE(chat->modelPath, std::string("/m/a.gguf"));
        QVERIFY(!chat->isPinned);
        QVERIFY(!chat->hasDraft);
        QCOMPARE(chat->deletedAt, TimeMs{0});
        QCOMPARE(*m_library->chats().settings(4711), std::string(R"({"temperature":0.2})"));
    }

    void createChat_refusesBrokenValues() {
        VERIFY_FAILS(m_library->chats().create({.title = "x", .settingsJson = "{"}),
                     ErrorCode::InvalidArgument);
        VERIFY_FAILS(m_library->chats().create({.folderId = 99, .title = "x"}),
                     ErrorCode::InvalidArgument);
        VERIFY_OK(m_library->chats().create({.id = 5, .title = "x"}));
        VERIFY_FAILS(m_library->chats().create({.id = 5, .title = "y"}),
                     ErrorCode::InvalidArgument);
        QCOMPARE(m_library->chats().list(false)->size(), std::size_t{1});
    }

    void listChats_ordersByLastMessage() {
        const auto first = m_library->chats().create({.title = "first"});
        const auto second = m_library->chats().create({.title = "second"});
        QTest::qSleep(3);
        VERIFY_OK(m_library->messages().add({.chatId = first->id, .content = "hello"}));
        QCOMPARE(titlesOf(m_library->chats().list(false)), (Titles{"first", "second"}));
        // Renaming is no activity.
        QTest::qSleep(3);
        VERIFY_OK(m_library->chats().rename(second->id, "renamed"));
        VERIFY_OK(m_library->chats().setPinned(second->id, true));
        const auto chats = m_library->chats().list(false);
        QCOMPARE(titlesOf(chats), (Titles{"first", "renamed"}));
        QVERIFY(chats->at(1).isPinned);
    }

    void bin_hidesRestoresAndEmpties() {
        const auto kept = m_library->chats().create({.title = "kept"});
        const auto binned = m_library->chats().create({.title = "binned"});
        VERIFY_OK(m_library->messages().add({.chatId = binned->id, .content = "text"}));
        VERIFY_OK(m_library->chats().moveToBin(binned->id));
        QCOMPARE(titlesOf(m_library->chats().list(false)), Titles{"kept"});
        QCOMPARE(titlesOf(m_library->chats().list(true)), Titles{"binned"});
        const TimeMs deletedAt = m_library->chats().get(binned->id)->deletedAt;
        QVERIFY(deletedAt > 0);
        QTest::qSleep(3);
        VERIFY_OK(m_library->chats().moveToBin(binned->id));
        QCOMPARE(m_library->chats().get(binned->id)->deletedAt, deletedAt);

        VERIFY_OK(m_library->chats().restore(binned->id));
        QCOMPARE(m_library->chats().list(false)->size(), std::size_t{2});
        QCOMPARE(m_library->messages().loadPath(binned->id)->size(), std::size_t{1});

        VERIFY_OK(m_library->chats().moveToBin(binned->id));
        QCOMPARE(*m_library->chats().emptyBin(1), 0);
        QCOMPARE(*m_library->chats().emptyBin(nowMs() + 1000), 1);
        VERIFY_FAILS(m_library->chats().get(binned->id), ErrorCode::NotFound);
        VERIFY_OK(m_library->chats().get(kept->id));
    }

    void deleteChat_takesALongChainOfMessages() {
        const auto chat = m_library->chats().create({.title = "long"});
        MessageId parent = 0;
        // More than SQLite's trigger depth of 1000, which a cascade along the chain would hit.
        for (int index = 0; index < 1500; ++index) {
            const auto message = m_library->messages().add(
                {.chatId = chat->id, .parentId = parent, .content = "word"});
            VERIFY_OK(message);
            parent = message->id;
        }
        QCOMPARE(m_library->messages().loadPath(chat->id)->size(), std::size_t{1500});
        VERIFY_OK(m_library->chats().remove(chat->id));
        VERIFY_FAILS(m_library->messages().get(parent), ErrorCode::NotFound);
        QCOMPARE(m_library->search({.text = "word"})->size(), std::size_t{0});
    }

    void duplicateChat_copiesTheWholeTreeApart() {
        const auto [chatId, question] = m_library.chatWithMessage("question");
        const auto answer = m_library->messages().add({.chatId = chatId,
                                                       .parentId = question,
                                                       .role = MessageRole::Assistant,
                                                       .content = "first answer",
                                                       .thinking = "hm",
                                                       .modelName = "model"});
        const auto second = m_library->messages().edit(answer->id, "second answer", 0);
        VERIFY_OK(m_library->messages().setActiveVersion(answer->id));
        VERIFY_OK(m_library->chats().setSettings(chatId, R"({"topK":3})"));

        const auto copy = m_library->chats().duplicate(chatId, "Copy");
        VERIFY_OK(copy);
        QVERIFY(copy->id != chatId);
        QCOMPARE(*m_library->chats().settings(copy->id), std::string(R"({"topK":3})"));
        const auto path = m_library->messages().loadPath(copy->id);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).content, std::string("first answer"));
        QCOMPARE(path->at(1).thinking, std::string("hm"));
        QCOMPARE(path->at(1).modelName, std::string("model"));
        QCOMPARE(path->at(1).versionCount, 2);
        QCOMPARE(m_library->messages().get(path->at(1).nextVersionId)->content,
                 std::string("second answer"));

        VERIFY_OK(m_library->chats().remove(chatId));
        QCOMPARE(m_library->messages().loadPath(copy->id)->size(), std::size_t{2});
        VERIFY_FAILS(m_library->chats().duplicate(chatId, "gone"), ErrorCode::NotFound);
        QCOMPARE(m_library->chats().list(false)->size(), std::size_t{1});
    }

    void everyChange_namesAMissingChat() {
        VERIFY_FAILS(m_library->chats().rename(1, "x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().setPinned(1, true), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().moveToFolder(1, 0), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().setModel(1, "m"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().moveToBin(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().restore(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().remove(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().settings(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().setSettings(1, "{}"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chats().setDraft(1, "x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->messages().add({.chatId = 1, .content = "x"}),
                     ErrorCode::InvalidArgument);
    }

    void folders_keepOrderAndLetChatsFallOut() {
        const auto work = m_library->folders().create("Work", 0);
        const auto home = m_library->folders().create("Home", 0);
        const auto chat = m_library->chats().create({.folderId = work->id, .title = "chat"});
        VERIFY_OK(m_library->folders().order({home->id, work->id}));
        VERIFY_OK(m_library->folders().rename(home->id, "House"));
        VERIFY_OK(m_library->folders().setCollapsed(home->id, true));
        const auto folders = m_library->folders().list();
        QCOMPARE(folders->size(), std::size_t{2});
        QCOMPARE(folders->at(0).name, std::string("House"));
        QVERIFY(folders->at(0).isCollapsed);
        QCOMPARE(folders->at(1).name, std::string("Work"));

        VERIFY_OK(m_library->folders().remove(work->id));
        QCOMPARE(m_library->chats().get(chat->id)->folderId, FolderId{0});
        // Undo: the same folder again, and its chats back in.
        VERIFY_OK(m_library->folders().create("Work", work->id));
        VERIFY_OK(m_library->chats().moveToFolder(chat->id, work->id));
        QCOMPARE(m_library->chats().get(chat->id)->folderId, work->id);
        VERIFY_OK(m_library->chats().moveToFolder(chat->id, 0));
        QCOMPARE(m_library->chats().get(chat->id)->folderId, FolderId{0});
        VERIFY_FAILS(m_library->chats().moveToFolder(chat->id, 12345), ErrorCode::InvalidArgument);
        VERIFY_FAILS(m_library->folders().order({work->id, 12345}), ErrorCode::NotFound);
    }

    void removedFolder_comesBackInItsPlaceWithItsChats() {
        const auto first = m_library->folders().create("First", 0);
        const auto middle = m_library->folders().create("Middle", 0);
        const auto last = m_library->folders().create("Last", 0);
        VERIFY_OK(m_library->folders().setCollapsed(middle->id, true));
        const auto chatIn = [&](const char* title) {
            return m_library->chats().create({.folderId = middle->id, .title = title})->id;
        };
        const ChatId stays = chatIn("stays");
        const ChatId binned = chatIn("binned");
        const ChatId moved = chatIn("moved meanwhile");
        const ChatId gone = chatIn("gone meanwhile");
        VERIFY_OK(m_library->chats().moveToBin(binned));
        const auto removed = m_library->folders().remove(middle->id);
        VERIFY_OK(removed);
        QCOMPARE(removed->folder.name, std::string("Middle"));
        QCOMPARE(removed->chats.size(), std::size_t{4});
        QCOMPARE(m_library->chats().get(stays)->folderId, FolderId{0});
        VERIFY_FAILS(m_library->folders().remove(middle->id), ErrorCode::NotFound);

        VERIFY_OK(m_library->chats().moveToFolder(moved, last->id));
        VERIFY_OK(m_library->chats().remove(gone));
        VERIFY_OK(m_library->folders().order({first->id, last->id}));  // takes its place
        for (int time = 1; time <= 2; ++time) {
            VERIFY_OK(m_library->folders().restore(*removed));
            const auto folders = m_library->folders().list();
            QCOMPARE(folders->size(), std::size_t{3});
            QCOMPARE(folders->at(1).id, middle->id);
            QCOMPARE(folders->at(1).name, std::string("Middle"));
            QVERIFY(folders->at(1).isCollapsed);
            QCOMPARE(folders->at(1).createdAt, removed->folder.createdAt);
            QCOMPARE(m_library->chats().get(stays)->folderId, middle->id);
            QCOMPARE(m_library->chats().get(binned)->folderId, middle->id);
            QCOMPARE(m_library->chats().get(moved)->folderId, last->id);
        }
    }

    void bin_remembersTheFolder() {
        const auto folder = m_library->folders().create("Folder", 0);
        const auto chat = m_library->chats().create({.folderId = folder->id, .title = "chat"});
        VERIFY_OK(m_library->chats().moveToBin(chat->id));
        VERIFY_OK(m_library->chats().restore(chat->id));
        QCOMPARE(m_library->chats().get(chat->id)->folderId, folder->id);
        VERIFY_OK(m_library->chats().moveToBin(chat->id));
        VERIFY_OK(m_library->folders().remove(folder->id));
        VERIFY_OK(m_library->chats().restore(chat->id));
        QCOMPARE(m_library->chats().get(chat->id)->folderId, FolderId{0});
    }

    void size_countsMessagesAndBytesOfText() {
        const auto [chatId, question] = m_library.chatWithMessage("汉字");
        VERIFY_OK(m_library->messages().add({.chatId = chatId,
                                             .parentId = question,
                                             .role = MessageRole::Assistant,
                                             .content = "answer",
                                             .thinking = "hm"}));
        VERIFY_OK(m_library->messages().edit(question, "x", 0));
        const auto size = m_library->chats().size(chatId);
        VERIFY_OK(size);
        QCOMPARE(size->messages, 3);
        QCOMPARE(size->bytes, std::int64_t{6 + 6 + 2 + 1});
        VERIFY_FAILS(m_library->chats().size(1), ErrorCode::NotFound);
        m_library.chatWithMessage("not in the bin");
        QCOMPARE(*m_library->chats().binBytes(), std::int64_t{0});
        VERIFY_OK(m_library->chats().moveToBin(chatId));
        QCOMPARE(*m_library->chats().binBytes(), size->bytes);
        const auto empty = m_library->chats().create({.title = "empty"});
        QCOMPARE(m_library->chats().size(empty->id)->bytes, std::int64_t{0});
    }

    void drafts_areKeptPerChatAndEmptyRemoves() {
        const auto chat = m_library->chats().create({.title = "chat"});
        QCOMPARE(*m_library->chats().draft(chat->id), std::string());
        VERIFY_OK(m_library->chats().setDraft(chat->id, "half a thou"));
        VERIFY_OK(m_library->chats().setDraft(chat->id, "half a thought"));
        QCOMPARE(*m_library->chats().draft(chat->id), std::string("half a thought"));
        QVERIFY(m_library->chats().list(false)->at(0).hasDraft);
        VERIFY_OK(m_library->chats().setDraft(chat->id, ""));
        QVERIFY(!m_library->chats().get(chat->id)->hasDraft);
    }

    void ids_growAndStayExactInJavaScript() {
        IdGenerator ids;
        std::int64_t last = 0;
        for (int count = 0; count < 100000; ++count) {
            const std::int64_t id = ids.next();
            QVERIFY(id > last);
            last = id;
        }
        QVERIFY(last < (std::int64_t{1} << 53));
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(ChatStoreTest)
#include "chat_store_test.moc"
