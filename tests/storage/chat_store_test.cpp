#include "storage/chat_store.h"

#include <QTest>
#include <set>

#include "tests/storage/library_fixture.h"

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
        const auto folder = m_library->createFolder("Work", 0);
        VERIFY_OK(folder);
        const auto chat = m_library->createChat({.id = 4711,
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
        QCOMPARE(*m_library->chatSettings(4711), std::string(R"({"temperature":0.2})"));
    }

    void createChat_refusesBrokenValues() {
        VERIFY_FAILS(m_library->createChat({.title = "x", .settingsJson = "{"}),
                     ErrorCode::Invalid);
        VERIFY_FAILS(m_library->createChat({.folderId = 99, .title = "x"}), ErrorCode::Invalid);
        VERIFY_OK(m_library->createChat({.id = 5, .title = "x"}));
        VERIFY_FAILS(m_library->createChat({.id = 5, .title = "y"}), ErrorCode::Invalid);
        QCOMPARE(m_library->listChats(false)->size(), std::size_t{1});
    }

    void listChats_ordersByLastMessage() {
        const auto first = m_library->createChat({.title = "first"});
        const auto second = m_library->createChat({.title = "second"});
        QTest::qSleep(3);
        VERIFY_OK(m_library->addMessage({.chatId = first->id, .content = "hello"}));
        QCOMPARE(titlesOf(m_library->listChats(false)), (Titles{"first", "second"}));
        // Renaming is no activity.
        QTest::qSleep(3);
        VERIFY_OK(m_library->renameChat(second->id, "renamed"));
        VERIFY_OK(m_library->setChatPinned(second->id, true));
        const auto chats = m_library->listChats(false);
        QCOMPARE(titlesOf(chats), (Titles{"first", "renamed"}));
        QVERIFY(chats->at(1).isPinned);
    }

    void bin_hidesRestoresAndEmpties() {
        const auto kept = m_library->createChat({.title = "kept"});
        const auto binned = m_library->createChat({.title = "binned"});
        VERIFY_OK(m_library->addMessage({.chatId = binned->id, .content = "text"}));
        VERIFY_OK(m_library->moveChatToBin(binned->id));
        QCOMPARE(titlesOf(m_library->listChats(false)), Titles{"kept"});
        QCOMPARE(titlesOf(m_library->listChats(true)), Titles{"binned"});
        const TimeMs deletedAt = m_library->chat(binned->id)->deletedAt;
        QVERIFY(deletedAt > 0);
        QTest::qSleep(3);
        VERIFY_OK(m_library->moveChatToBin(binned->id));
        QCOMPARE(m_library->chat(binned->id)->deletedAt, deletedAt);

        VERIFY_OK(m_library->restoreChat(binned->id));
        QCOMPARE(m_library->listChats(false)->size(), std::size_t{2});
        QCOMPARE(m_library->loadPath(binned->id)->size(), std::size_t{1});

        VERIFY_OK(m_library->moveChatToBin(binned->id));
        QCOMPARE(*m_library->emptyBin(1), 0);
        QCOMPARE(*m_library->emptyBin(nowMs() + 1000), 1);
        VERIFY_FAILS(m_library->chat(binned->id), ErrorCode::NotFound);
        VERIFY_OK(m_library->chat(kept->id));
    }

    void deleteChat_takesALongChainOfMessages() {
        const auto chat = m_library->createChat({.title = "long"});
        MessageId parent = 0;
        // More than SQLite's trigger depth of 1000, which a cascade along the chain would hit.
        for (int index = 0; index < 1500; ++index) {
            const auto message =
                m_library->addMessage({.chatId = chat->id, .parentId = parent, .content = "word"});
            VERIFY_OK(message);
            parent = message->id;
        }
        QCOMPARE(m_library->loadPath(chat->id)->size(), std::size_t{1500});
        VERIFY_OK(m_library->deleteChat(chat->id));
        VERIFY_FAILS(m_library->message(parent), ErrorCode::NotFound);
        QCOMPARE(m_library->search({.text = "word"})->size(), std::size_t{0});
    }

    void duplicateChat_copiesTheWholeTreeApart() {
        const auto [chatId, question] = m_library.chatWithMessage("question");
        const auto answer = m_library->addMessage({.chatId = chatId,
                                                   .parentId = question,
                                                   .role = MessageRole::Assistant,
                                                   .content = "first answer",
                                                   .thinking = "hm",
                                                   .modelName = "model"});
        const auto second = m_library->editMessage(answer->id, "second answer", 0);
        VERIFY_OK(m_library->setActiveVersion(answer->id));
        VERIFY_OK(m_library->setChatSettings(chatId, R"({"topK":3})"));

        const auto copy = m_library->duplicateChat(chatId, "Copy");
        VERIFY_OK(copy);
        QVERIFY(copy->id != chatId);
        QCOMPARE(*m_library->chatSettings(copy->id), std::string(R"({"topK":3})"));
        const auto path = m_library->loadPath(copy->id);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).content, std::string("first answer"));
        QCOMPARE(path->at(1).thinking, std::string("hm"));
        QCOMPARE(path->at(1).modelName, std::string("model"));
        QCOMPARE(path->at(1).versionCount, 2);
        QCOMPARE(m_library->message(path->at(1).nextVersionId)->content,
                 std::string("second answer"));

        VERIFY_OK(m_library->deleteChat(chatId));
        QCOMPARE(m_library->loadPath(copy->id)->size(), std::size_t{2});
        VERIFY_FAILS(m_library->duplicateChat(chatId, "gone"), ErrorCode::NotFound);
        QCOMPARE(m_library->listChats(false)->size(), std::size_t{1});
    }

    void everyChange_namesAMissingChat() {
        VERIFY_FAILS(m_library->renameChat(1, "x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->setChatPinned(1, true), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->moveChatToFolder(1, 0), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->setChatModel(1, "m"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->moveChatToBin(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->restoreChat(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->deleteChat(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->chatSettings(1), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->setChatSettings(1, "{}"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->setDraft(1, "x"), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->addMessage({.chatId = 1, .content = "x"}), ErrorCode::Invalid);
    }

    void folders_keepOrderAndLetChatsFallOut() {
        const auto work = m_library->createFolder("Work", 0);
        const auto home = m_library->createFolder("Home", 0);
        const auto chat = m_library->createChat({.folderId = work->id, .title = "chat"});
        VERIFY_OK(m_library->orderFolders({home->id, work->id}));
        VERIFY_OK(m_library->renameFolder(home->id, "House"));
        VERIFY_OK(m_library->setFolderCollapsed(home->id, true));
        const auto folders = m_library->listFolders();
        QCOMPARE(folders->size(), std::size_t{2});
        QCOMPARE(folders->at(0).name, std::string("House"));
        QVERIFY(folders->at(0).isCollapsed);
        QCOMPARE(folders->at(1).name, std::string("Work"));

        VERIFY_OK(m_library->deleteFolder(work->id));
        QCOMPARE(m_library->chat(chat->id)->folderId, FolderId{0});
        // Undo: the same folder again, and its chats back in.
        VERIFY_OK(m_library->createFolder("Work", work->id));
        VERIFY_OK(m_library->moveChatToFolder(chat->id, work->id));
        QCOMPARE(m_library->chat(chat->id)->folderId, work->id);
        VERIFY_OK(m_library->moveChatToFolder(chat->id, 0));
        QCOMPARE(m_library->chat(chat->id)->folderId, FolderId{0});
        VERIFY_FAILS(m_library->moveChatToFolder(chat->id, 12345), ErrorCode::Invalid);
        VERIFY_FAILS(m_library->orderFolders({work->id, 12345}), ErrorCode::NotFound);
    }

    void drafts_areKeptPerChatAndEmptyRemoves() {
        const auto chat = m_library->createChat({.title = "chat"});
        QCOMPARE(*m_library->draft(chat->id), std::string());
        VERIFY_OK(m_library->setDraft(chat->id, "half a thou"));
        VERIFY_OK(m_library->setDraft(chat->id, "half a thought"));
        QCOMPARE(*m_library->draft(chat->id), std::string("half a thought"));
        QVERIFY(m_library->listChats(false)->at(0).hasDraft);
        VERIFY_OK(m_library->setDraft(chat->id, ""));
        QVERIFY(!m_library->chat(chat->id)->hasDraft);
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
