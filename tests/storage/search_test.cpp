#include "storage/search.h"

#include <QTest>
#include <random>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

std::string textOf(const SearchHit& hit) {
    std::string text;
    for (const SnippetPart& part : hit.snippet) {
        text += part.isMatch ? "[" + part.text + "]" : part.text;
    }
    return text;
}

}  // namespace

class SearchTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void search_findsWordsPartsPhrasesAndChinese_data() {
        QTest::addColumn<std::string>("query");
        QTest::addColumn<int>("expectedHits");
        QTest::newRow("word") << std::string("quantized") << 1;
        QTest::newRow("case is ignored") << std::string("QUANTIZED") << 1;
        QTest::newRow("accented case is ignored") << std::string("ÄRGER") << 1;
        QTest::newRow("accented case, two letters") << std::string("ÄR") << 1;
        QTest::newRow("another accent") << std::string("arger") << 0;
        QTest::newRow("trigrams that stand apart") << std::string("weightshts") << 0;
        QTest::newRow("part of a word") << std::string("uantiz") << 1;
        QTest::newRow("two words, any order") << std::string("weights quantized") << 1;
        QTest::newRow("two words, one missing") << std::string("quantized banana") << 0;
        QTest::newRow("phrase") << std::string("\"quantized weights\"") << 1;
        QTest::newRow("phrase in the wrong order") << std::string("\"weights quantized\"") << 0;
        QTest::newRow("two letters") << std::string("kv") << 1;
        QTest::newRow("one letter with a word") << std::string("Q quantized") << 1;
        QTest::newRow("Chinese, two characters") << std::string("量化") << 1;
        QTest::newRow("Chinese, one character") << std::string("型") << 1;
        QTest::newRow("Chinese, four characters") << std::string("量化模型") << 1;
        QTest::newRow("Chinese, not there") << std::string("模型量化") << 0;
        QTest::newRow("punctuation") << std::string("C++") << 1;
        QTest::newRow("percent is no wildcard") << std::string("%") << 1;
        QTest::newRow("underscore is no wildcard") << std::string("_") << 0;
        QTest::newRow("emoji") << std::string("😀") << 1;
        QTest::newRow("nothing") << std::string("") << 0;
    }
    void search_findsWordsPartsPhrasesAndChinese() {
        QFETCH(std::string, query);
        QFETCH(int, expectedHits);
        m_library.chatWithMessage("The quantized weights and the KV cache, 100 % in C++ 😀");
        m_library.chatWithMessage("什么是量化模型？");
        m_library.chatWithMessage("Kein ärger heute.");
        const auto hits = m_library->search({.text = query});
        VERIFY_OK(hits);
        QCOMPARE(static_cast<int>(hits->size()), expectedHits);
    }

    // Every operator of FTS5 and of LIKE, and random bytes: an answer, never a syntax error.
    void search_takesAnyTextAsAQuery() {
        m_library.chatWithMessage("some text to look through");
        for (const char* query : {"AND",          "OR NOT",
                                  "NEAR(",        "\"",
                                  "\"\"",         "a:b",
                                  "text*",        "^text",
                                  "(text",        "text)",
                                  "-text",        "{text}",
                                  "content:text", "'; DROP TABLE messages; --",
                                  "\\",           "%_%",
                                  "***",          "text AND",
                                  "+++",          "text + look",
                                  "\\\\\\",       "\xff\xfe\xfd",
                                  "\xe6\xb1"}) {
            VERIFY_OK(m_library->search({.text = query}));
        }
        std::mt19937 random(1);
        for (int round = 0; round < 500; ++round) {
            std::string query(random() % 24, ' ');
            for (char& byte : query) byte = static_cast<char>(random());
            VERIFY_OK(m_library->search({.text = query}));
        }
    }

    void search_marksTheMatchInItsExcerpt() {
        m_library.chatWithMessage(std::string(500, 'x') + " the needle here " +
                                  std::string(500, 'y'));
        const auto hits = m_library->search({.text = "needle"});
        QVERIFY(textOf(hits->at(0)).find("[needle]") != std::string::npos);
        QVERIFY(textOf(hits->at(0)).size() < 300);
        const auto shortHits = m_library->search({.text = "ne"});
        QVERIFY(textOf(shortHits->at(0)).find("[ne]edle") != std::string::npos);
    }

    void search_namesChatMessageAndTitle() {
        const auto chat = m_library->chats().create({.title = "Holiday in Norway"});
        const auto message = m_library->messages().add({.chatId = chat->id,
                                                        .role = MessageRole::Assistant,
                                                        .content = "Take a boat to Bergen."});
        auto hits = m_library->search({.text = "norway"});
        QCOMPARE(hits->size(), std::size_t{1});
        QCOMPARE(hits->at(0).messageId, MessageId{0});
        QCOMPARE(hits->at(0).chatId, chat->id);
        QCOMPARE(textOf(hits->at(0)), std::string("Holiday in [Norway]"));
        hits = m_library->search({.text = "bergen"});
        QCOMPARE(hits->size(), std::size_t{1});
        QCOMPARE(hits->at(0).messageId, message->id);
        QCOMPARE(hits->at(0).chatTitle, std::string("Holiday in Norway"));
        QVERIFY(hits->at(0).role == MessageRole::Assistant);
        QCOMPARE(hits->at(0).createdAt, message->createdAt);
        // Titles come before messages.
        VERIFY_OK(m_library->chats().rename(chat->id, "Bergen"));
        hits = m_library->search({.text = "bergen"});
        QCOMPARE(hits->size(), std::size_t{2});
        QCOMPARE(hits->at(0).messageId, MessageId{0});
        QCOMPARE(m_library->search({.text = "norway"})->size(), std::size_t{0});
    }

    void search_followsEveryChange() {
        const auto [chatId, message] = m_library.chatWithMessage("zebra");
        QCOMPARE(m_library->search({.text = "zebra"})->size(), std::size_t{1});
        VERIFY_OK(m_library->chats().moveToBin(chatId));
        QCOMPARE(m_library->search({.text = "zebra"})->size(), std::size_t{0});
        QCOMPARE(m_library->search({.text = "ze"})->size(), std::size_t{0});
        VERIFY_OK(m_library->chats().restore(chatId));
        const auto answer =
            m_library->messages().beginAnswer({.chatId = chatId, .parentId = message});
        VERIFY_OK(m_library->messages().appendAnswer(answer->id, "giraffe", ""));
        VERIFY_OK(m_library->messages().flushAnswers());
        QCOMPARE(m_library->search({.text = "giraffe"})->size(), std::size_t{0});
        VERIFY_OK(m_library->messages().finishAnswer(answer->id, {}));
        QCOMPARE(m_library->search({.text = "giraffe"})->size(), std::size_t{1});
        VERIFY_OK(m_library->chats().remove(chatId));
        QCOMPARE(m_library->search({.text = "giraffe"})->size(), std::size_t{0});
        QCOMPARE(m_library->search({.text = "zebra"})->size(), std::size_t{0});
    }

    // More trigrams than FTS5 takes in a nested expression.
    void search_findsALongText() {
        std::string text = "start";
        for (int word = 0; word < 400; ++word) text += " word" + std::to_string(word);
        m_library.chatWithMessage(text + " end");
        QCOMPARE(m_library->search({.text = text})->size(), std::size_t{1});
        QCOMPARE(m_library->search({.text = '"' + text + '"'})->size(), std::size_t{1});
        QCOMPARE(m_library->search({.text = "\"word399 end\""})->size(), std::size_t{1});
        QCOMPARE(m_library->search({.text = "\"word0 word2 word3\""})->size(), std::size_t{0});
    }

    void search_givesTheNewestFirst() {
        const auto [chatId, first] = m_library.chatWithMessage("pattern pattern pattern");
        const auto second = m_library->messages().add(
            {.chatId = chatId, .parentId = first, .content = "one pattern among other words"});
        const auto hits = m_library->search({.text = "pattern"});
        QCOMPARE(hits->size(), std::size_t{2});
        QCOMPARE(hits->at(0).messageId, second->id);
        QCOMPARE(hits->at(1).messageId, first);
    }

    void search_isLimitedAndCanStayInOneChat() {
        const auto [chatId, first] = m_library.chatWithMessage("pattern");
        MessageId parent = first;
        for (int count = 0; count < 300; ++count) {
            parent = m_library->messages()
                         .add({.chatId = chatId, .parentId = parent, .content = "pattern"})
                         ->id;
        }
        m_library.chatWithMessage("pattern");
        QCOMPARE(m_library->search({.text = "pattern"})->size(), std::size_t{50});
        QCOMPARE(m_library->search({.text = "pattern", .limit = 7})->size(), std::size_t{7});
        QCOMPARE(m_library->search({.text = "pa", .limit = 7})->size(), std::size_t{7});
        QCOMPARE(m_library->search({.text = "pattern", .limit = 1000000})->size(),
                 std::size_t{200});
        QCOMPARE(m_library->search({.text = "pattern", .limit = 0})->size(), std::size_t{0});
        QCOMPARE(m_library->search({.text = "pattern", .limit = -4})->size(), std::size_t{0});
        const auto hits = m_library->search({.text = "pattern", .chatId = chatId, .limit = 200});
        QCOMPARE(hits->size(), std::size_t{200});
        for (const SearchHit& hit : *hits) QCOMPARE(hit.chatId, chatId);
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(SearchTest)
#include "search_test.moc"
