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

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(MessageTreeTest)
#include "message_tree_test.moc"
