#include "storage/message_tree.h"

#include <sqlite3.h>

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

class MessageTreeTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void addMessage_keepsEveryFieldAndTextExactly() {
        const auto chat = m_library->chats().create({.title = "chat"});
        const std::string text = "a 'quote' \"\\ 汉字 😀\n\ttab\r\n" + std::string(300000, 'y');
        const auto added = m_library->messages().add({.id = 77,
                                                      .chatId = chat->id,
                                                      .role = MessageRole::Assistant,
                                                      .content = text,
                                                      .thinking = "第一",
                                                      .modelName = "demo"});
        VERIFY_OK(added);
        const auto loaded = m_library->messages().get(77);
        VERIFY_OK(loaded);
        QCOMPARE(loaded->chatId, chat->id);
        QCOMPARE(loaded->content, text);
        QCOMPARE(loaded->thinking, std::string("第一"));
        QCOMPARE(loaded->modelName, std::string("demo"));
        QVERIFY(loaded->role == MessageRole::Assistant);
        QVERIFY(loaded->state == MessageState::Done);
        QCOMPARE(loaded->createdAt, added->createdAt);
        QCOMPARE(loaded->statsJson, std::string("{}"));
    }

    void addMessage_refusesAForeignParent() {
        const auto [chatId, messageId] = m_library.chatWithMessage("one");
        const auto other = m_library->chats().create({.title = "other"});
        VERIFY_FAILS(
            m_library->messages().add({.chatId = other->id, .parentId = messageId, .content = "x"}),
            ErrorCode::InvalidArgument);
        VERIFY_FAILS(m_library->messages().add({.chatId = chatId, .parentId = 5, .content = "x"}),
                     ErrorCode::InvalidArgument);
        VERIFY_FAILS(m_library->messages().add({.id = messageId, .chatId = chatId, .content = "x"}),
                     ErrorCode::InvalidArgument);
        QCOMPARE(m_library->messages().loadPath(chatId)->size(), std::size_t{1});
        QCOMPARE(m_library->messages().loadPath(other->id)->size(), std::size_t{0});
    }

    void editMessage_addsAVersionAndKeepsTheOld() {
        const auto [chatId, first] = m_library.chatWithMessage("first wording");
        const auto answer = m_library->messages().add({.chatId = chatId,
                                                       .parentId = first,
                                                       .role = MessageRole::Assistant,
                                                       .content = "answer to first"});
        const auto second = m_library->messages().edit(first, "second wording", 0);
        VERIFY_OK(second);
        auto path = m_library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{1});
        QCOMPARE(path->at(0).content, std::string("second wording"));
        QCOMPARE(path->at(0).versionIndex, 2);
        QCOMPARE(path->at(0).versionCount, 2);
        QCOMPARE(path->at(0).previousVersionId, first);

        VERIFY_OK(m_library->messages().setActiveVersion(first));
        path = m_library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(0).content, std::string("first wording"));
        QCOMPARE(path->at(0).nextVersionId, second->id);
        QCOMPARE(path->at(1).id, answer->id);
        VERIFY_FAILS(m_library->messages().edit(1, "x", 0), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->messages().setActiveVersion(1), ErrorCode::NotFound);
    }

    void setActiveVersion_leavesTheChoicesBelow() {
        const auto [chatId, question] = m_library.chatWithMessage("q");
        const auto add = [&](MessageId parent, const char* text) {
            return m_library->messages()
                .add({.chatId = chatId, .parentId = parent, .content = text})
                ->id;
        };
        const MessageId a = add(question, "a");
        const MessageId a1 = add(a, "a1");
        add(a, "a2");
        VERIFY_OK(m_library->messages().setActiveVersion(a1));
        const MessageId b = add(question, "b");
        add(b, "b1");
        VERIFY_OK(m_library->messages().setActiveVersion(a));
        const auto path = m_library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{3});
        QCOMPARE(path->at(2).content, std::string("a1"));
    }

    void activatePathTo_showsAMessageInAHiddenBranch() {
        const auto [chatId, question] = m_library.chatWithMessage("q");
        const auto add = [&](MessageId parent, const char* text) {
            return m_library->messages()
                .add({.chatId = chatId, .parentId = parent, .content = text})
                ->id;
        };
        const MessageId a = add(question, "a");
        const MessageId deep = add(a, "deep");
        add(a, "beside deep");
        add(question, "b");
        VERIFY_OK(m_library->messages().edit(question, "another question", 0));
        VERIFY_OK(m_library->messages().activatePathTo(deep));
        const auto path = m_library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{3});
        QCOMPARE(path->at(2).id, deep);
        VERIFY_FAILS(m_library->messages().activatePathTo(1), ErrorCode::NotFound);
    }

    // The shape that a damaged file could have must not end in a hang or an empty window.
    void loadPath_survivesABrokenTree() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, first] = library.chatWithMessage("first");
        const auto second =
            library->messages().add({.chatId = chatId, .parentId = first, .content = "second"});
        const auto third =
            library->messages().add({.chatId = chatId, .parentId = second->id, .content = "third"});
        library.database.reset();

        sqlite3* handle = nullptr;
        QCOMPARE(sqlite3_open(fileIn(folder).c_str(), &handle), SQLITE_OK);
        const std::string sql =
            "PRAGMA ignore_check_constraints=ON; UPDATE messages SET role = 99, state = 77"
            " WHERE id = " +
            std::to_string(third->id) +
            "; DELETE FROM messages WHERE id = " + std::to_string(second->id);
        QCOMPARE(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(handle);

        VERIFY_OK(library.open());
        const auto path = library->messages().loadPath(chatId);
        VERIFY_OK(path);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(0).content, std::string("first"));
        QCOMPARE(path->at(1).content, std::string("third"));
        QVERIFY(path->at(1).state == MessageState::Stopped);
    }

    // --- removing -------------------------------------------------------------------------------

    void remove_ofAnAnswer_keepsWhatFollowedAndEveryOtherVersion_data() {
        QTest::addColumn<qint64>("removed");
        QTest::addColumn<QString>("shown");
        // 1 q, 2 and 3 answers to it, 4 a question below 3, 5 and 6 answers to that, 7 below 6.
        QTest::newRow("shown version") << qint64{3} << QStringLiteral("1 2");
        QTest::newRow("hidden version") << qint64{2} << QStringLiteral("1 3 4 6 7");
        QTest::newRow("last message") << qint64{7} << QStringLiteral("1 3 4 6");
        QTest::newRow("question with versions of its answer")
            << qint64{4} << QStringLiteral("1 3 7");
        QTest::newRow("first question") << qint64{1} << QStringLiteral("4 6 7");
    }
    void remove_ofAnAnswer_keepsWhatFollowedAndEveryOtherVersion() {
        QFETCH(qint64, removed);
        QFETCH(QString, shown);
        const ChatId chat = tree();
        QCOMPARE(shownIds(chat), QStringLiteral("1 3 4 6 7"));
        const auto taken = m_library->messages().remove(removed);
        VERIFY_OK(taken);
        QCOMPARE(shownIds(chat), shown);
        VERIFY_FAILS(m_library->messages().get(removed), ErrorCode::NotFound);
        VERIFY_FAILS(m_library->messages().remove(removed), ErrorCode::NotFound);
        VERIFY_OK(m_library->messages().restore(*taken));
        QCOMPARE(shownIds(chat), QStringLiteral("1 3 4 6 7"));
        VERIFY_OK(m_library->messages().setActiveVersion(2));
        QCOMPARE(shownIds(chat), QStringLiteral("1 2"));
        VERIFY_OK(m_library->messages().setActiveVersion(3));
        VERIFY_OK(m_library->messages().setActiveVersion(5));
        QCOMPARE(shownIds(chat), QStringLiteral("1 3 4 5"));
        VERIFY_FAILS(m_library->messages().restore(*taken), ErrorCode::InvalidArgument);
    }

    void remove_ofAnOnlyAnswer_letsWhatFollowedFollowItsQuestion() {
        const auto [chat, question] = m_library.chatWithMessage("one");
        const auto answer = m_library->messages().add(
            {.chatId = chat, .parentId = question, .role = MessageRole::Assistant, .content = "a"});
        const auto next =
            m_library->messages().add({.chatId = chat, .parentId = answer->id, .content = "two"});
        const auto taken = m_library->messages().remove(answer->id);
        VERIFY_OK(taken);
        auto path = m_library->messages().loadPath(chat);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).id, next->id);
        // What was written since stays as another version.
        VERIFY_OK(m_library->messages().add(
            {.id = 90, .chatId = chat, .parentId = question, .content = "since"}));
        VERIFY_OK(m_library->messages().restore(*taken));
        path = m_library->messages().loadPath(chat);
        QCOMPARE(path->size(), std::size_t{3});
        QCOMPARE(path->at(1).content, std::string("a"));
        QCOMPARE(path->at(1).versionCount, 2);
        QCOMPARE(path->at(2).id, next->id);
    }

    void remove_keepsEveryFieldForRestoring_andItsPlaceInTheSearch() {
        const auto [chat, question] = m_library.chatWithMessage("one");
        const Error why{ErrorCode::OutOfMemory, "No.", "/m", 5, 3};
        VERIFY_OK(m_library->messages().beginAnswer(
            {.id = 900, .chatId = chat, .parentId = question, .modelName = "demo"}));
        VERIFY_OK(m_library->messages().appendAnswer(900, "findable words", "thought"));
        VERIFY_FAILS(m_library->messages().remove(900), ErrorCode::Busy);
        VERIFY_FAILS(m_library->messages().remove(question), ErrorCode::Busy);
        VERIFY_OK(m_library->messages().finishAnswer(
            900, {.state = MessageState::Failed, .statsJson = R"({"tokens":3})", .failure = why}));
        const auto before = m_library->messages().get(900);
        const auto taken = m_library->messages().remove(900);
        VERIFY_OK(taken);
        QVERIFY(m_library->search({.text = "findable"})->empty());
        VERIFY_OK(m_library->messages().restore(*taken));
        const auto after = m_library->messages().get(900);
        QCOMPARE(after->content, before->content);
        QCOMPARE(after->thinking, before->thinking);
        QCOMPARE(after->statsJson, before->statsJson);
        QCOMPARE(after->modelName, before->modelName);
        QCOMPARE(after->createdAt, before->createdAt);
        QVERIFY(after->state == MessageState::Failed);
        QCOMPARE(after->failure->needed, std::uint64_t{5});
        QCOMPARE(m_library->search({.text = "findable"})->size(), std::size_t{1});
    }

private:
    ChatId tree() {
        const auto chat = m_library->chats().create({.title = "tree"});
        const auto add = [&](MessageId id, MessageId parent, MessageRole role) {
            m_library->messages().add({.id = id,
                                       .chatId = chat->id,
                                       .parentId = parent,
                                       .role = role,
                                       .content = std::to_string(id)});
        };
        add(1, 0, MessageRole::User);
        add(2, 1, MessageRole::Assistant);
        add(3, 1, MessageRole::Assistant);
        add(4, 3, MessageRole::User);
        add(5, 4, MessageRole::Assistant);
        add(6, 4, MessageRole::Assistant);
        add(7, 6, MessageRole::User);
        return chat->id;
    }
    QString shownIds(ChatId chat) {
        QStringList ids;
        const auto path = m_library->messages().loadPath(chat);
        for (const MessageRecord& message : *path) ids.append(QString::number(message.id));
        return ids.join(QLatin1Char(' '));
    }

    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(MessageTreeTest)
#include "message_tree_test.moc"
