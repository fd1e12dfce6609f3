#include "storage/answer_writer.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

class AnswerWriterTest : public QObject {
    Q_OBJECT
private slots:
    void answer_growsAndEndsWithItsWholeText() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer = library->messages().beginAnswer(
            {.id = 900, .chatId = chatId, .parentId = question, .modelName = "demo"});
        // A caller's id below its parent's is allowed.
        VERIFY_OK(answer);
        QVERIFY(!library->nextFlush());
        VERIFY_OK(library->messages().appendAnswer(900, "", "let me "));
        QVERIFY(library->nextFlush().has_value());
        VERIFY_OK(library->messages().flushAnswers());
        QVERIFY(!library->nextFlush());
        VERIFY_OK(library->messages().appendAnswer(900, "Hello ", "think"));
        auto path = library->messages().loadPath(chatId);
        QCOMPARE(path->at(1).content, std::string("Hello "));
        QCOMPARE(path->at(1).thinking, std::string("let me think"));
        QVERIFY(path->at(1).state == MessageState::Writing);
        VERIFY_OK(library->messages().flushAnswers());
        VERIFY_OK(library->messages().appendAnswer(900, "world", ""));
        VERIFY_OK(library->messages().finishAnswer(900, {.statsJson = R"({"tokens":3})"}));

        VERIFY_OK(library.open());
        path = library->messages().loadPath(chatId);
        QCOMPARE(path->at(1).content, std::string("Hello world"));
        QCOMPARE(path->at(1).thinking, std::string("let me think"));
        QCOMPARE(path->at(1).statsJson, std::string(R"({"tokens":3})"));
        QVERIFY(path->at(1).state == MessageState::Done);
        QVERIFY(path->at(1).finishedAt >= path->at(1).createdAt);
        QCOMPARE(library->report().recoveredAnswers, 0);
    }

    // Whatever of it stands in memory or on the disk, also when the program dies then.
    void turnToThinking_movesTheEndOfTheText() {
        QTemporaryDir folder;
        for (const bool isFlushed : {false, true}) {
            LibraryFixture library(fileIn(folder));
            VERIFY_OK(library.open());
            const auto [chatId, question] = library.chatWithMessage("question");
            const auto answer =
                library->messages().beginAnswer({.chatId = chatId, .parentId = question});
            VERIFY_OK(library->messages().appendAnswer(answer->id, "kept ", ""));
            VERIFY_OK(library->messages().appendAnswer(answer->id, "turned", ""));
            if (isFlushed) VERIFY_OK(library->messages().flushAnswers());
            VERIFY_OK(library->messages().turnToThinking(answer->id, 6));
            VERIFY_OK(library->messages().appendAnswer(answer->id, "and the answer", ""));
            auto path = library->messages().loadPath(chatId);
            QCOMPARE(path->at(1).content, std::string("kept and the answer"));
            QCOMPARE(path->at(1).thinking, std::string("turned"));
            VERIFY_OK(library->messages().flushAnswers());
            if (isFlushed) VERIFY_OK(library->messages().finishAnswer(answer->id, {}));
            VERIFY_OK(library.open());
            path = library->messages().loadPath(chatId);
            QCOMPARE(path->at(1).content, std::string("kept and the answer"));
            QCOMPARE(path->at(1).thinking, std::string("turned"));
            VERIFY_FAILS(library->messages().turnToThinking(answer->id, 1), ErrorCode::NotFound);
        }
    }

    void finishAnswer_keepsReasonAndRefusesNonsense() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer =
            library->messages().beginAnswer({.chatId = chatId, .parentId = question});
        VERIFY_FAILS(library->messages().finishAnswer(answer->id, {.state = MessageState::Writing}),
                     ErrorCode::InvalidArgument);
        VERIFY_OK(library->messages().appendAnswer(answer->id, "partial", ""));
        // Broken stats do not keep the answer from ending.
        VERIFY_OK(library->messages().finishAnswer(
            answer->id, {.state = MessageState::Failed,
                         .statsJson = "{oops",
                         .failure = Error{ErrorCode::DeviceFailed, "The device failed."}}));
        const auto message = library->messages().get(answer->id);
        QVERIFY(message->state == MessageState::Failed);
        QCOMPARE(message->failure->message, std::string("The device failed."));
        QVERIFY(message->error.empty());
        QCOMPARE(message->content, std::string("partial"));
        QCOMPARE(message->statsJson, std::string("{}"));
        VERIFY_FAILS(library->messages().appendAnswer(answer->id, "x", ""), ErrorCode::NotFound);
        VERIFY_FAILS(library->messages().finishAnswer(answer->id, {}), ErrorCode::NotFound);
        VERIFY_FAILS(library->messages().appendAnswer(1, "x", ""), ErrorCode::NotFound);
    }

    // Code and numbers, so that the window can say it in any language.
    void finishAnswer_keepsWhyItFailed() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const Error why{ErrorCode::OutOfMemory, "Out of \"memory\".", "/m/模型.gguf",
                        std::uint64_t{1} << 40, 3'000'000'000};
        VERIFY_OK(
            library->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        VERIFY_OK(
            library->messages().finishAnswer(900, {.state = MessageState::Failed, .failure = why}));
        VERIFY_OK(library.open());
        const auto copy = library->chats().duplicate(chatId, "copy");
        const auto path = library->messages().loadPath(copy->id);
        for (const auto& message :
             {library->messages().get(900), Result<MessageRecord>(path->at(1))}) {
            QVERIFY(message->failure.has_value());
            QVERIFY(message->failure->code == ErrorCode::OutOfMemory);
            QCOMPARE(message->failure->message, why.message);
            QCOMPARE(message->failure->context, why.context);
            QCOMPARE(message->failure->needed, why.needed);
            QCOMPARE(message->failure->available, why.available);
            QVERIFY(message->error.empty());
        }
        // Continued, it has not failed any more.
        VERIFY_OK(library->messages().continueAnswer(900));
        VERIFY_OK(library->messages().finishAnswer(900, {}));
        QVERIFY(!library->messages().get(900)->failure.has_value());
    }

    // Of the text as it was written: whatever copies it takes them along, whatever changes it drops
    // them.
    void tokens_areKeptWithTheTextThatTheySpell() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const TokenIds tokens{{0, 127, 128, 151'935, 2'147'483'647}, 0xfedcba9876543210};
        const auto tokensOf = [&](MessageId id) { return library->messages().get(id)->tokens; };
        VERIFY_OK(
            library->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        VERIFY_OK(library->messages().appendAnswer(900, "text", "thought"));
        VERIFY_OK(library->messages().flushAnswers());
        QVERIFY(tokensOf(900).ids.empty());
        VERIFY_OK(library->messages().finishAnswer(900, {.tokens = tokens}));
        VERIFY_OK(library.open());
        QVERIFY(tokensOf(900) == tokens);
        const auto copy = library->chats().duplicate(chatId, "copy");
        QVERIFY(library->messages().loadPath(copy->id)->at(1).tokens == tokens);
        const auto removed = library->messages().remove(900);
        VERIFY_OK(removed);
        VERIFY_OK(library->messages().restore(*removed));
        QVERIFY(tokensOf(900) == tokens);
        QVERIFY(library->messages().edit(900, "text")->tokens.ids.empty());
        QVERIFY(tokensOf(question).ids.empty());
        // Carried on, and killed before its end.
        VERIFY_OK(library->messages().continueAnswer(900));
        VERIFY_OK(library->messages().appendAnswer(900, " that grew", ""));
        VERIFY_OK(library->messages().flushAnswers());
        VERIFY_OK(library.open());
        QCOMPARE(library->messages().get(900)->content, std::string("text that grew"));
        QVERIFY(tokensOf(900).ids.empty());
    }

    void tokens_ofAnAnswerThatIsStoredWhole() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const TokenIds tokens{{1, 2}, 7};
        WholeAnswer whole{.id = 900,
                          .chatId = chatId,
                          .parentId = question,
                          .content = "text",
                          .end = {.tokens = tokens}};
        VERIFY_OK(library->messages().storeAnswer(whole));
        QVERIFY(library->messages().get(900)->tokens == tokens);
        // What was on the disk before it is part of the text, and not of these tokens.
        whole.content = "more";
        VERIFY_OK(library->messages().storeAnswer(whole));
        QCOMPARE(library->messages().get(900)->content, std::string("textmore"));
        QVERIFY(library->messages().get(900)->tokens.ids.empty());
    }

    void storeAnswer_isOneAnswerWhateverWasStoredBefore_data() {
        QTest::addColumn<int>("before");
        QTest::newRow("nothing") << 0;
        QTest::newRow("begun") << 1;
        QTest::newRow("begun, some text in memory") << 2;
        QTest::newRow("begun, some text on disk") << 3;
        QTest::newRow("finished") << 4;
        QTest::newRow("left by a dead process") << 5;
    }
    void storeAnswer_isOneAnswerWhateverWasStoredBefore() {
        QFETCH(int, before);
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        if (before >= 1)
            VERIFY_OK(library->messages().beginAnswer(
                {.id = 900, .chatId = chatId, .parentId = question}));
        if (before >= 2) VERIFY_OK(library->messages().appendAnswer(900, "one ", "think"));
        if (before >= 3) VERIFY_OK(library->messages().flushAnswers());
        if (before == 4)
            VERIFY_OK(library->messages().finishAnswer(900, {.state = MessageState::Stopped}));
        if (before == 5) VERIFY_OK(library.open());
        const WholeAnswer whole{.id = 900,
                                .chatId = chatId,
                                .parentId = question,
                                .modelName = "demo",
                                .content = "one two three",
                                .thinking = "thinking",
                                .end = {.statsJson = R"({"tokens":3})"}};
        for (int time = 1; time <= 2; ++time) {
            VERIFY_OK(library->messages().storeAnswer(whole));
            VERIFY_FAILS(library->messages().appendAnswer(900, "x", ""), ErrorCode::NotFound);
            VERIFY_OK(library.open());
            const auto path = library->messages().loadPath(chatId);
            QCOMPARE(path->size(), std::size_t{2});
            QCOMPARE(path->at(1).id, MessageId{900});
            QCOMPARE(path->at(1).content, std::string("one two three"));
            QCOMPARE(path->at(1).thinking, std::string("thinking"));
            QCOMPARE(path->at(1).statsJson, std::string(R"({"tokens":3})"));
            QVERIFY(path->at(1).state == MessageState::Done);
            QCOMPARE(library->search({.text = "three"})->size(), std::size_t{1});
        }
    }

    void answersBesideTheShownOne_areVersionsOfTheirOwn_data() {
        QTest::addColumn<bool>("isWhole");
        QTest::newRow("streamed") << false;
        QTest::newRow("as a whole") << true;
    }
    void answersBesideTheShownOne_areVersionsOfTheirOwn() {
        QFETCH(bool, isWhole);
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        VERIFY_OK(
            library->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        VERIFY_OK(library->messages().appendAnswer(900, "first", ""));
        for (const MessageId id : {901, 902}) {
            const std::string text = "beside " + std::to_string(id);
            if (isWhole) {
                VERIFY_OK(library->messages().storeAnswer({.id = id,
                                                           .chatId = chatId,
                                                           .parentId = question,
                                                           .content = text,
                                                           .isBeside = true}));
                continue;
            }
            VERIFY_OK(library->messages().beginAnswer(
                {.id = id, .chatId = chatId, .parentId = question, .isBeside = true}));
            VERIFY_OK(library->messages().appendAnswer(id, text, ""));
        }
        auto path = library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).id, MessageId{900});
        QCOMPARE(path->at(1).versionCount, 3);
        // Another one is looked at while all of them are written; what ends changes nothing of it.
        VERIFY_OK(library->messages().setActiveVersion(901));
        VERIFY_OK(library->messages().finishAnswer(900, {}));
        path = library->messages().loadPath(chatId);
        QCOMPARE(path->at(1).content, std::string("beside 901"));
        QCOMPARE(path->at(1).versionIndex, 2);
        QVERIFY((path->at(1).state == MessageState::Writing) == !isWhole);
        VERIFY_OK(library->messages().flushAnswers());
        // The process dies.
        VERIFY_OK(library.open());
        path = library->messages().loadPath(chatId);
        QCOMPARE(path->at(1).content, std::string("beside 901"));
        QCOMPARE(path->at(1).versionCount, 3);
        QVERIFY((path->at(1).state == MessageState::Stopped) == !isWhole);
        QCOMPARE(library->messages().get(902)->content, std::string("beside 902"));
    }

    // A continued answer of which only the continuation is given keeps what it had.
    void storeAnswer_neverLosesTextThatIsOnDisk() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        VERIFY_OK(
            library->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        VERIFY_OK(library->messages().appendAnswer(900, "on disk, ", ""));
        VERIFY_OK(library->messages().finishAnswer(900, {.state = MessageState::Stopped}));
        const WholeAnswer rest{
            .id = 900, .chatId = chatId, .parentId = question, .content = "continued"};
        VERIFY_OK(library->messages().storeAnswer(rest));
        QCOMPARE(library->messages().get(900)->content, std::string("on disk, continued"));
        VERIFY_OK(library->messages().storeAnswer(rest));
        QCOMPARE(library->messages().get(900)->content, std::string("on disk, continued"));
        WholeAnswer shorter = rest;
        shorter.content = "on disk";
        VERIFY_OK(library->messages().storeAnswer(shorter));
        QCOMPARE(library->messages().get(900)->content, std::string("on disk, continued"));
    }

    void storeAnswer_refusesWhatHasNoPlace() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        VERIFY_FAILS(library->messages().storeAnswer({.id = 9, .chatId = 1, .content = "x"}),
                     ErrorCode::InvalidArgument);
        VERIFY_FAILS(library->messages().storeAnswer(
                         {.id = 9, .chatId = chatId, .parentId = 8, .content = "x"}),
                     ErrorCode::InvalidArgument);
        VERIFY_FAILS(library->messages().storeAnswer({.id = 9,
                                                      .chatId = chatId,
                                                      .parentId = question,
                                                      .end = {.state = MessageState::Writing}}),
                     ErrorCode::InvalidArgument);
        QVERIFY(!library->nextFlush());
        QCOMPARE(library->unsavedBytes(), std::int64_t{0});
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{1});
    }

    void continueAnswer_appendsToWhatIsThere() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer =
            library->messages().beginAnswer({.chatId = chatId, .parentId = question});
        VERIFY_OK(library->messages().appendAnswer(answer->id, "one", ""));
        VERIFY_OK(library->messages().finishAnswer(answer->id, {.state = MessageState::Stopped}));
        VERIFY_OK(library->messages().continueAnswer(answer->id));
        VERIFY_FAILS(library->messages().continueAnswer(answer->id), ErrorCode::InvalidArgument);
        QVERIFY(library->messages().get(answer->id)->state == MessageState::Writing);
        VERIFY_OK(library->messages().appendAnswer(answer->id, " two", ""));
        VERIFY_OK(library->messages().flushAnswers());
        VERIFY_OK(library->messages().appendAnswer(answer->id, " three", ""));
        VERIFY_OK(library->messages().finishAnswer(answer->id, {}));
        QCOMPARE(library->messages().get(answer->id)->content, std::string("one two three"));
        VERIFY_FAILS(library->messages().continueAnswer(question), ErrorCode::InvalidArgument);
        VERIFY_FAILS(library->messages().continueAnswer(1), ErrorCode::NotFound);
        // Search saw the text once, not twice.
        QCOMPARE(library->search({.text = "three"})->size(), std::size_t{1});
    }

    void deleteChat_whileItsAnswerIsWritten() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer =
            library->messages().beginAnswer({.chatId = chatId, .parentId = question});
        const auto [otherChat, otherQuestion] = library.chatWithMessage("other");
        const auto other =
            library->messages().beginAnswer({.chatId = otherChat, .parentId = otherQuestion});
        VERIFY_OK(library->messages().appendAnswer(answer->id, "lost", ""));
        VERIFY_OK(library->messages().appendAnswer(other->id, "kept", ""));
        VERIFY_OK(library->chats().remove(chatId));
        VERIFY_FAILS(library->messages().appendAnswer(answer->id, "x", ""), ErrorCode::NotFound);
        VERIFY_OK(library->messages().flushAnswers());
        VERIFY_OK(library->messages().finishAnswer(other->id, {}));
        QCOMPARE(library->messages().get(other->id)->content, std::string("kept"));
    }

    // Two windows on one file (the command line beside the app): the other one deletes the chat.
    void flush_goesOnWhenAnotherProcessDeletedTheChat() {
        QTemporaryDir folder;
        LibraryFixture writer(fileIn(folder));
        LibraryFixture other(fileIn(folder));
        VERIFY_OK(writer.open());
        const auto [chatId, question] = writer.chatWithMessage("question");
        const auto answer =
            writer->messages().beginAnswer({.chatId = chatId, .parentId = question});
        const auto [keptChat, keptQuestion] = writer.chatWithMessage("kept");
        const auto kept =
            writer->messages().beginAnswer({.chatId = keptChat, .parentId = keptQuestion});
        VERIFY_OK(other.open());
        QCOMPARE(other->report().recoveredAnswers, 0);  // the writer lives
        QVERIFY(other->messages().get(answer->id)->state == MessageState::Stopped);
        VERIFY_OK(other->chats().remove(chatId));
        VERIFY_OK(writer->messages().appendAnswer(answer->id, "nowhere to go", ""));
        VERIFY_OK(writer->messages().appendAnswer(kept->id, "kept text", ""));
        VERIFY_OK(writer->messages().flushAnswers());
        QCOMPARE(other->messages().get(kept->id)->content, std::string("kept text"));
        VERIFY_FAILS(writer->messages().finishAnswer(answer->id, {}), ErrorCode::NotFound);
        VERIFY_OK(writer->messages().finishAnswer(kept->id, {}));
    }

    // A process died in the middle of an answer while another one kept the library open, so that
    // nobody repaired it.
    void continueAnswer_ofAnUnrepairedAnswerKeepsItsChunks() {
        QTemporaryDir folder;
        const std::filesystem::path copy = fileIn(folder, "copy.db");
        MessageId answerId = 0;
        {
            LibraryFixture writer(fileIn(folder));
            VERIFY_OK(writer.open());
            const auto [chatId, question] = writer.chatWithMessage("question");
            answerId = writer->messages().beginAnswer({.chatId = chatId, .parentId = question})->id;
            VERIFY_OK(writer->messages().appendAnswer(answerId, "one ", "a"));
            VERIFY_OK(writer->messages().flushAnswers());
            VERIFY_OK(writer->messages().appendAnswer(answerId, "two ", "b"));
            VERIFY_OK(writer->messages().flushAnswers());
            auto source = Connection::open({.path = fileIn(folder)});
            VERIFY_OK(source);
            VERIFY_OK(backupDatabase(*source, copy));
        }
        OwnerLock living = OwnerLock::take(copy);
        living.share();
        LibraryFixture library(copy);
        VERIFY_OK(library.open());
        QCOMPARE(library->report().recoveredAnswers, 0);
        QCOMPARE(library->messages().get(answerId)->content, std::string("one two "));
        QVERIFY(library->messages().get(answerId)->state == MessageState::Stopped);
        VERIFY_OK(library->messages().continueAnswer(answerId));
        VERIFY_OK(library->messages().appendAnswer(answerId, "three", "c"));
        VERIFY_OK(library->messages().flushAnswers());
        VERIFY_OK(library->messages().finishAnswer(answerId, {}));
        QCOMPARE(library->messages().get(answerId)->content, std::string("one two three"));
        QCOMPARE(library->messages().get(answerId)->thinking, std::string("abc"));
    }

    void closing_endsOpenAnswersAsStopped() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer =
            library->messages().beginAnswer({.chatId = chatId, .parentId = question});
        VERIFY_OK(library->messages().appendAnswer(answer->id, "so far", "why"));
        VERIFY_OK(library.open());
        QCOMPARE(library->report().recoveredAnswers, 0);
        const auto message = library->messages().get(answer->id);
        QVERIFY(message->state == MessageState::Stopped);
        QCOMPARE(message->content, std::string("so far"));
        QCOMPARE(message->thinking, std::string("why"));
    }

    void flush_ofAnEndThatCannotBeWritten_writesTheOthers() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        Messages& messages = library->messages();
        for (const MessageId id : {901, 902}) {
            VERIFY_OK(messages.beginAnswer({.id = id, .chatId = chatId, .parentId = question}));
            VERIFY_OK(messages.appendAnswer(id, "words", ""));
        }
        // As a damaged page would: rows refuse to be written.
        auto other = Connection::open({.path = fileIn(folder)});
        VERIFY_OK(other);
        VERIFY_OK(
            other->execute("CREATE TRIGGER refuse BEFORE UPDATE ON messages "
                           "BEGIN SELECT RAISE(ABORT, 'no'); END"));
        QVERIFY(!messages.finishAnswer(901, {}));
        QVERIFY(!messages.finishAnswer(902, {}));
        VERIFY_OK(
            other->execute("DROP TRIGGER refuse; "
                           "CREATE TRIGGER refuse BEFORE UPDATE ON messages "
                           "WHEN OLD.id = 901 BEGIN SELECT RAISE(ABORT, 'no'); END"));
        QVERIFY(!messages.flushAnswers());
        const auto state = other->queryInteger("SELECT state FROM messages WHERE id = 902");
        VERIFY_OK(state);
        QCOMPARE(*state, static_cast<std::int64_t>(MessageState::Done));
        QVERIFY(library->nextFlush().has_value());
        VERIFY_OK(other->execute("DROP TRIGGER refuse"));
        VERIFY_OK(messages.flushAnswers());
        QVERIFY(!library->nextFlush());
    }

    // A lock is waited for: what was asked meanwhile gets its turn before the next attempt.
    void flush_leavesAsMuchTimeAsItTook() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        library.options.busyTimeoutMs = 1500;  // longer than the usual pause
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        Messages& messages = library->messages();
        VERIFY_OK(messages.beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        VERIFY_OK(messages.appendAnswer(900, "words", ""));
        auto other = Connection::open({.path = fileIn(folder)});
        VERIFY_OK(other);
        VERIFY_OK(other->execute("BEGIN IMMEDIATE"));
        const auto before = AnswerWriter::Clock::now();
        VERIFY_FAILS(messages.flushAnswers(), ErrorCode::Locked);
        QVERIFY(library->nextFlush().has_value());
        QVERIFY(*library->nextFlush() - before >= std::chrono::milliseconds(2 * 1500 - 100));
        VERIFY_OK(other->execute("ROLLBACK"));
        VERIFY_OK(messages.flushAnswers());
    }

    void duplicateChat_whileWritingCopiesTheTextSoFar() {
        LibraryFixture library = memoryLibrary();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer =
            library->messages().beginAnswer({.chatId = chatId, .parentId = question});
        VERIFY_OK(library->messages().appendAnswer(answer->id, "flushed ", ""));
        VERIFY_OK(library->messages().flushAnswers());
        VERIFY_OK(library->messages().appendAnswer(answer->id, "pending", ""));
        const auto copy = library->chats().duplicate(chatId, "copy");
        VERIFY_OK(copy);
        const auto path = library->messages().loadPath(copy->id);
        QCOMPARE(path->at(1).content, std::string("flushed pending"));
        QVERIFY(path->at(1).state == MessageState::Stopped);
        QVERIFY(library->messages().get(answer->id)->state == MessageState::Writing);
    }
};

QTEST_APPLESS_MAIN(AnswerWriterTest)
#include "answer_writer_test.moc"
