// What happens when the disk fails or fills in the middle of work: nothing that was acknowledged is
// lost, every failure is a sentence, and work goes on when the disk does.
#include <QDir>
#include <QTest>
#include <atomic>
#include <mutex>

#include "storage/api/storage.h"
#include "tests/storage/library_fixture.h"
#include "tests/storage/test_files.h"
#include "tests/support/failing_vfs.h"

#ifndef _WIN32
#include <sys/resource.h>

#include <csignal>
#endif

using namespace sotto;
using namespace sotto::storage;

namespace {

const std::string kLongText(6000, 'a');

// What the storage said was done, and so must be found again.
struct Acknowledged {
    ChatId chatId = 0;
    MessageId questionId = 0;
    MessageId answerId = 0;
    std::string flushedText;
    bool isFinished = false;
    bool isTitleChanged = false;
    bool isDownloadKept = false;
    std::size_t nLedgerEntries = 0;
};

bool isDiskError(const Error& error) {
    return (error.code == ErrorCode::DiskFull || error.code == ErrorCode::Io) &&
           !error.message.empty();
}

// A short life of a library; stops at the first failure, which is returned.
Status live(LibraryFixture& library, Acknowledged& done) {
    const auto step = [](auto&& result) -> Status {
        if (!result) return fail(result.error());
        return {};
    };
    Status status = library.open();
    if (!status) return status;
    const auto chat = library->chats().create({.title = "chat"});
    if (status = step(chat); !status) return status;
    done.chatId = chat->id;
    const auto question = library->messages().add({.chatId = chat->id, .content = "question"});
    if (status = step(question); !status) return status;
    done.questionId = question->id;
    const auto answer =
        library->messages().beginAnswer({.chatId = chat->id, .parentId = question->id});
    if (status = step(answer); !status) return status;
    done.answerId = answer->id;
    std::string text;
    for (int part = 0; part < 4; ++part) {
        text += kLongText + std::to_string(part);
        status = library->messages().appendAnswer(answer->id, kLongText + std::to_string(part), "");
        if (status) status = library->messages().flushAnswers();
        if (!status) return status;
        done.flushedText = text;
    }
    status = library->messages().finishAnswer(answer->id, {});
    if (!status) return status;
    done.isFinished = true;
    status = library->chats().rename(chat->id, "a new title");
    if (!status) return status;
    done.isTitleChanged = true;
    status = library->downloads().save({.id = 1, .target = "/m/a", .state = "waiting"});
    if (!status) return status;
    done.isDownloadKept = true;
    const std::vector<LedgerRecord> entries(3, {.startedAt = nowMs(), .host = "hub.example"});
    status = library->ledger().write(entries).map([](const auto&) {});
    if (!status) return status;
    done.nLedgerEntries = entries.size();
    return {};
}

// Empty when all is well, else what is wrong.
std::string verify(const std::filesystem::path& file, const Acknowledged& done,
                   const std::string& vfs = {}) {
    LibraryFixture library(file);
    library.options.vfs = vfs;
    if (const Status status = library.open(); !status) return describe(status.error());
    {
        auto checker = Connection::open({.path = file});
        auto check = checker->prepare("PRAGMA integrity_check");
        if (!check->step() || check->text(0) != "ok") return "integrity: " + check->text(0);
    }
    if (done.isDownloadKept && library->downloads().list()->size() != 1) return "download is lost";
    // All of them or none.
    const std::size_t nEntries = library->ledger().list(100)->size();
    if (nEntries < done.nLedgerEntries || nEntries % 3 != 0) return "the ledger is not whole";
    if (done.chatId == 0) return {};
    const auto chat = library->chats().get(done.chatId);
    if (!chat) return "chat: " + describe(chat.error());
    if (done.isTitleChanged && chat->title != "a new title") return "title is " + chat->title;
    if (done.questionId == 0) return {};
    const auto question = library->messages().get(done.questionId);
    if (!question || question->content != "question") return "the user's message is lost";
    if (done.answerId == 0) return {};
    const auto answer = library->messages().get(done.answerId);
    if (!answer) return "answer: " + describe(answer.error());
    if (!answer->content.starts_with(done.flushedText)) return "flushed text is lost";
    if (done.isFinished && answer->state != MessageState::Done) return "the end is lost";
    return {};
}

}  // namespace

class DiskFaultTest : public QObject {
    Q_OBJECT
private slots:
    void everyWrite_mayFailWithoutLosingWhatWasAcknowledged_data() {
        QTest::addColumn<int>("kind");
        using Kind = FailingVfs::Kind;
        QTest::newRow("disk full") << static_cast<int>(Kind::DiskFull);
        QTest::newRow("disk full, shared memory too") << static_cast<int>(Kind::FullShared);
        QTest::newRow("I/O error") << static_cast<int>(Kind::IoError);
        QTest::newRow("one torn write") << static_cast<int>(Kind::TornOnce);
    }
    // The n-th write of the whole life fails, for every n. At the failure the process either dies
    // there (the file is looked at as it is) or closes in an orderly way.
    void everyWrite_mayFailWithoutLosingWhatWasAcknowledged() {
        QFETCH(int, kind);
        FailingVfs vfs("failing");
        int nFailures = 0;
        for (int nthWrite = 1;; ++nthWrite) {
            QTemporaryDir folder(folderInMemory());
            QVERIFY(folder.isValid());
            const std::filesystem::path file = fileIn(folder);
            Acknowledged done;
            bool hasFailed = false;
            {
                LibraryFixture library(file);
                library.options.vfs = vfs.name();
                vfs.failFrom(nthWrite, static_cast<FailingVfs::Kind>(kind));
                const Status status = live(library, done);
                hasFailed = !status.has_value();
                if (hasFailed)
                    QVERIFY2(isDiskError(status.error()), describe(status.error()).c_str());
            }
            const int operations = vfs.operations();
            vfs.heal();
            const std::string problem = verify(file, done, vfs.name());
            QVERIFY2(problem.empty(),
                     ("write " + std::to_string(nthWrite) + ": " + problem).c_str());
            nFailures += hasFailed;
            if (!hasFailed && operations < nthWrite) break;
        }
        qInfo("%d writes failed, one after the other", nFailures);
        // Creating the file alone writes more than ten times.
        QVERIFY2(nFailures > 10, std::to_string(nFailures).c_str());
    }

    void fullDisk_keepsTheAnswerInMemoryUntilThereIsSpace() {
        QTemporaryDir folder;
        FailingVfs vfs("filling");
        LibraryFixture library(fileIn(folder));
        library.options.vfs = vfs.name();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto answer =
            library->messages().beginAnswer({.chatId = chatId, .parentId = question});
        VERIFY_OK(library->messages().appendAnswer(answer->id, "before, ", ""));
        VERIFY_OK(library->messages().flushAnswers());
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        VERIFY_OK(library->messages().appendAnswer(answer->id, "while full, ", ""));
        VERIFY_FAILS(library->messages().flushAnswers(), ErrorCode::DiskFull);
        VERIFY_FAILS(
            library->messages().add({.chatId = chatId, .parentId = question, .content = "x"}),
            ErrorCode::DiskFull);
        VERIFY_OK(library->messages().appendAnswer(answer->id, "and the end", ""));
        VERIFY_FAILS(library->messages().finishAnswer(answer->id, {.statsJson = R"({"n":1})"}),
                     ErrorCode::DiskFull);
        // The window still shows the whole conversation.
        const auto path = library->messages().loadPath(chatId);
        VERIFY_OK(path);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).content, std::string("before, while full, and the end"));
        QVERIFY(path->at(1).state == MessageState::Done);
        vfs.heal();
        QVERIFY(library->nextFlush().has_value());
        VERIFY_OK(library->messages().flushAnswers());
        QVERIFY(!library->nextFlush());

        LibraryFixture again(fileIn(folder));
        VERIFY_OK(again.open());
        const auto message = again->messages().get(answer->id);
        QCOMPARE(message->content, std::string("before, while full, and the end"));
        QCOMPARE(message->statsJson, std::string(R"({"n":1})"));
        QVERIFY(message->state == MessageState::Done);
    }

    // Storage could not even begin the answer: at its end it is kept as a whole.
    void storeAnswer_onAFullDiskIsKeptShownAndWrittenLater() {
        QTemporaryDir folder;
        FailingVfs vfs("whole");
        LibraryFixture library(fileIn(folder));
        library.options.vfs = vfs.name();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        VERIFY_FAILS(
            library->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}),
            ErrorCode::DiskFull);
        const WholeAnswer whole{
            .id = 900, .chatId = chatId, .parentId = question, .content = kLongText};
        VERIFY_FAILS(library->messages().storeAnswer(whole), ErrorCode::DiskFull);
        QCOMPARE(library->unsavedBytes(), static_cast<std::int64_t>(kLongText.size()));
        const auto path = library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).content, kLongText);
        QCOMPARE(library->messages().get(900)->content, kLongText);
        VERIFY_FAILS(library->messages().storeAnswer(whole), ErrorCode::DiskFull);
        vfs.heal();
        VERIFY_OK(library->messages().flushAnswers());
        QCOMPARE(library->unsavedBytes(), std::int64_t{0});
        VERIFY_OK(library.open());
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{2});
        QCOMPARE(library->messages().get(900)->content, kLongText);
        QVERIFY(library->messages().get(900)->state == MessageState::Done);
    }

    void answersBesideOne_onAFullDisk_areKeptAsItsVersions() {
        QTemporaryDir folder;
        FailingVfs vfs("beside");
        LibraryFixture library(fileIn(folder));
        library.options.vfs = vfs.name();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        for (const MessageId id : {900, 901, 902})
            VERIFY_FAILS(library->messages().storeAnswer({.id = id,
                                                          .chatId = chatId,
                                                          .parentId = question,
                                                          .content = kLongText,
                                                          .isBeside = id != 900}),
                         ErrorCode::DiskFull);
        for (const bool isWritten : {false, true}) {
            if (isWritten) {
                vfs.heal();
                VERIFY_OK(library->messages().flushAnswers());
                VERIFY_OK(library.open());
            }
            const auto path = library->messages().loadPath(chatId);
            QCOMPARE(path->size(), std::size_t{2});
            QCOMPARE(path->at(1).id, MessageId{900});
            QCOMPARE(path->at(1).versionCount, 3);
        }
        QCOMPARE(library->messages().get(902)->content, kLongText);
    }

    // An answer that has no row yet goes with its question as one that has, and comes back with it.
    void remove_takesAnAnswerThatIsInMemoryOnlyAlong_data() {
        QTest::addColumn<bool>("isAnswer");
        QTest::newRow("with its question") << false;
        QTest::newRow("by itself") << true;
    }
    void remove_takesAnAnswerThatIsInMemoryOnlyAlong() {
        QFETCH(bool, isAnswer);
        QTemporaryDir folder;
        FailingVfs vfs("removed");
        LibraryFixture library(fileIn(folder));
        library.options.vfs = vfs.name();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const Error why{ErrorCode::DeviceFailed, "The device failed."};
        const WholeAnswer whole{.id = 900,
                                .chatId = chatId,
                                .parentId = question,
                                .content = "half an ans",
                                .end = {.state = MessageState::Failed, .failure = why}};
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        VERIFY_FAILS(library->messages().storeAnswer(whole), ErrorCode::DiskFull);
        VERIFY_FAILS(library->messages().remove(isAnswer ? 900 : question), ErrorCode::DiskFull);
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{2});
        vfs.heal();  // and nothing was written yet since
        const auto removed = library->messages().remove(isAnswer ? 900 : question);
        VERIFY_OK(removed);
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{isAnswer ? 1u : 0u});
        (void)library->messages().flushAnswers();
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{isAnswer ? 1u : 0u});
        VERIFY_OK(library->messages().restore(*removed));
        VERIFY_OK(library.open());
        const auto path = library->messages().loadPath(chatId);
        QCOMPARE(path->size(), std::size_t{2});
        QCOMPARE(path->at(1).content, std::string("half an ans"));
        QVERIFY(path->at(1).state == MessageState::Failed);
        QCOMPARE(path->at(1).failure->message, why.message);
    }

    // So does what is built on one: a question that follows it, a copy of its chat.
    void answerInMemoryOnly_canBeFollowedAndCopied() {
        QTemporaryDir folder;
        FailingVfs vfs("followed");
        LibraryFixture library(fileIn(folder));
        library.options.vfs = vfs.name();
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");
        const auto fail = [&, chatId = chatId, question = question](MessageId id) {
            vfs.failFrom(1, FailingVfs::Kind::DiskFull);
            const WholeAnswer whole{
                .id = id, .chatId = chatId, .parentId = question, .content = "answer"};
            VERIFY_FAILS(library->messages().storeAnswer(whole), ErrorCode::DiskFull);
            vfs.heal();
        };
        fail(900);
        const auto copy = library->chats().duplicate(chatId, "copy");
        VERIFY_OK(copy);
        QCOMPARE(library->messages().loadPath(copy->id)->size(), std::size_t{2});
        fail(901);
        VERIFY_OK(library->messages().add({.chatId = chatId, .parentId = 901, .content = "next"}));
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{3});
    }

    void thread_tellsOfEachCauseOnceAndOfItsRecovery() {
        QTemporaryDir folder;
        FailingVfs vfs("thread");
        std::mutex mutex;
        std::vector<ErrorCode> failed;
        std::vector<ErrorCode> recovered;
        StorageOptions options{.path = fileIn(folder)};
        options.vfs = vfs.name();
        options.onBackgroundError = [&](const Error& error) {
            const std::lock_guard lock(mutex);
            failed.push_back(error.code);
        };
        options.onBackgroundRecovered = [&](ErrorCode code) {
            const std::lock_guard lock(mutex);
            recovered.push_back(code);
        };
        const auto count = [&](const std::vector<ErrorCode>& codes) {
            const std::lock_guard lock(mutex);
            return codes.size();
        };
        auto storage = Storage::open(options);
        VERIFY_OK(storage);
        const MessageId answerId = (*storage)->newId();
        VERIFY_OK((*storage)->call([&](Database& database) -> Status {
            const auto chat = database.chats().create({.title = "chat"});
            return database.messages()
                .beginAnswer({.id = answerId, .chatId = chat->id})
                .map([](const MessageRecord&) {});
        }));
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        (*storage)->post([&](Database& database) {
            (void)database.messages().appendAnswer(answerId, "text", "");
        });
        QTRY_COMPARE_WITH_TIMEOUT(count(failed), std::size_t{1}, 20000);
        QVERIFY(failed.front() == ErrorCode::DiskFull);
        QCOMPARE((*storage)->unsavedBytes(), std::int64_t{4});
        // Another command that works says nothing about the answer.
        VERIFY_OK((*storage)->call([](Database& db) { return db.chats().list(); }));
        QCOMPARE(count(recovered), std::size_t{0});
        vfs.failFrom(1, FailingVfs::Kind::IoError);
        QTRY_COMPARE_WITH_TIMEOUT(count(failed), std::size_t{2}, 20000);
        QVERIFY(failed.back() == ErrorCode::Io);
        vfs.heal();
        std::atomic<bool> isWritten{false};
        (*storage)->retryNow([&](const Status& status) { isWritten = status.has_value(); });
        QTRY_VERIFY_WITH_TIMEOUT(isWritten.load(), 20000);
        QTRY_COMPARE_WITH_TIMEOUT(count(recovered), std::size_t{2}, 20000);
        QCOMPARE(count(failed), std::size_t{2});
        QTRY_COMPARE_WITH_TIMEOUT((*storage)->unsavedBytes(), std::int64_t{0}, 20000);
        const auto message =
            (*storage)->call([&](Database& database) { return database.messages().get(answerId); });
        QCOMPARE(message->content, std::string("text"));
    }

    // What cannot be written may also be deleted: then nothing fails any more.
    void thread_recoversWhenTheFailingAnswerIsDeleted() {
        QTemporaryDir folder;
        FailingVfs vfs("deleted");
        std::atomic<int> nFailed{0};
        std::atomic<int> nRecovered{0};
        StorageOptions options{.path = fileIn(folder)};
        options.vfs = vfs.name();
        options.onBackgroundError = [&](const Error&) { ++nFailed; };
        options.onBackgroundRecovered = [&](ErrorCode) { ++nRecovered; };
        auto storage = Storage::open(options);
        VERIFY_OK(storage);
        const auto chat = (*storage)->call(
            [](Database& database) { return database.chats().create({.title = "chat"}); });
        const auto answer = (*storage)->call([&](Database& database) {
            return database.messages().beginAnswer({.chatId = chat->id});
        });
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        (*storage)->post([&](Database& database) {
            (void)database.messages().appendAnswer(answer->id, "text", "");
        });
        QTRY_COMPARE_WITH_TIMEOUT(nFailed.load(), 1, 20000);
        vfs.heal();
        (void)(*storage)->call(
            [&](Database& database) { return database.chats().remove(chat->id); });
        QTRY_COMPARE_WITH_TIMEOUT(nRecovered.load(), 1, 20000);
    }

#ifndef _WIN32
    // The system's own limit, through the real file system: a write that would exceed it fails.
    void realFileSizeLimit_isTakenAsAFullDisk() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, question] = library.chatWithMessage("question");

        const auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
        rlimit old{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &old), 0);
        rlimit tight = old;
        tight.rlim_cur = 512 * 1024;
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &tight), 0);
        const std::string big(600 * 1024, 'b');
        const auto tooBig =
            library->messages().add({.chatId = chatId, .parentId = question, .content = big});
        setrlimit(RLIMIT_FSIZE, &old);
        std::signal(SIGXFSZ, oldHandler);

        VERIFY_FAILS(tooBig, ErrorCode::DiskFull);
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{1});
        VERIFY_OK(
            library->messages().add({.chatId = chatId, .parentId = question, .content = big}));
        QCOMPARE(verify(fileIn(folder), {.chatId = chatId, .questionId = question}), std::string());
    }
#endif
};

QTEST_APPLESS_MAIN(DiskFaultTest)
#include "disk_fault_test.moc"
