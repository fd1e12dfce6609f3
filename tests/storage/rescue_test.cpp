// What comes out of a damaged library: everything that does not stand on the damaged pages.
#include "storage/api/rescue.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTest>

#include "storage/api/storage.h"
#include "storage/rescue/page_file.h"
#include "storage/rescue/salvage.h"
#include "tests/storage/library_fixture.h"
#include "tests/storage/library_text.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr qsizetype kPage = 4096;
constexpr int kChats = 12;
constexpr int kMessagesEach = 11;

std::string textOf(ChatId chatId, int number) {
    const std::string start =
        "chat " + std::to_string(chatId) + " message " + std::to_string(number) + " 汉字 ";
    return start + std::string(static_cast<std::size_t>(number) * 900, 'a' + char(number));
}

// Folders, settings, drafts, a chat in the bin, versions, messages over several pages.
void fill(LibraryFixture& library) {
    const auto folder = library->folders().create("Folder", 7);
    for (int index = 0; index < kChats; ++index) {
        const ChatId chatId = library.ids.next();
        VERIFY_OK(library->chats().create({.id = chatId,
                                           .folderId = index % 2 == 0 ? 7 : 0,
                                           .title = "Chat " + std::to_string(index)}));
        MessageId parent = 0;
        for (int number = 0; number < kMessagesEach; ++number) {
            const auto role = number % 2 == 0 ? MessageRole::User : MessageRole::Assistant;
            const auto message = library->messages().add({.chatId = chatId,
                                                          .parentId = parent,
                                                          .role = role,
                                                          .content = textOf(chatId, number)});
            VERIFY_OK(message);
            parent = message->id;
        }
    }
    const auto chats = library->chats().list(false);
    VERIFY_OK(library->chats().moveToBin(chats->at(0).id));
    VERIFY_OK(library->chats().setDraft(chats->at(1).id, "a draft"));
    const auto path = library->messages().loadPath(chats->at(2).id);
    VERIFY_OK(library->messages().edit(path->at(4).id, "another version", 0));
    VERIFY_OK(library->messages().setActiveVersion(path->at(4).id));
    VERIFY_OK(library->settings().set("app.theme", "2"));
    VERIFY_OK(library->models().save({.path = "/m/a.gguf", .name = "A", .sizeBytes = 5}));
}

// A chat whose first two messages are parts, as a rescue leaves them, with one after them.
struct ShortenedChat {
    ChatId id = 201;
    MessageId kept = 301;
    MessageId rewritten = 302;
    MessageId after = 303;
};
ShortenedChat addShortened(LibraryFixture& library) {
    const ShortenedChat chat;
    const auto add = [&](MessageId id, MessageId parentId, const char* text) {
        return library->messages().add(
            {.id = id, .chatId = chat.id, .parentId = parentId, .content = text});
    };
    [&] {
        VERIFY_OK(library->chats().create({.id = chat.id, .title = "Parts"}));
        VERIFY_OK(add(chat.kept, 0, "the beginning"));
        VERIFY_OK(add(chat.rewritten, chat.kept, "another beginning"));
        VERIFY_OK(add(chat.after, chat.rewritten, "after"));
        auto direct = Connection::open({.path = library.options.path});
        VERIFY_OK(direct->run("UPDATE messages SET full_bytes = 100 WHERE id = ?", chat.kept));
        VERIFY_OK(direct->run("UPDATE messages SET full_bytes = -1 WHERE id = ?", chat.rewritten));
    }();
    return chat;
}

std::vector<MessageId> allMessages(const std::filesystem::path& file) {
    std::vector<MessageId> ids;
    auto connection = Connection::open({.path = file, .mode = OpenMode::ReadOnly});
    auto row = connection->prepare("SELECT id FROM messages ORDER BY id");
    while (*row->step()) ids.push_back(row->integer(0));
    return ids;
}

QByteArray wholeText(const std::filesystem::path& file, const std::vector<MessageId>& ids) {
    LibraryFixture library(file);
    if (!library.open()) return "cannot be opened";
    return QByteArray::fromStdString(libraryText(*library.database, ids));
}

// In memory where the system has such a place: real file systems take their time to sync.
QString sweepFolder() {
    const QString inMemory = QStringLiteral("/dev/shm");
    const bool isThere = QFileInfo(inMemory).isWritable();
    return (isThere ? inMemory : QDir::tempPath()) + "/sotto-rescue-XXXXXX";
}

QByteArray noise(qsizetype size, int seed) {
    QByteArray bytes(size, '\0');
    unsigned state = static_cast<unsigned>(seed) * 2654435761u + 1u;
    for (char& byte : bytes) {
        state = state * 1664525u + 1013904223u;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

}  // namespace

class RescueTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        {
            LibraryFixture library(fileIn(m_folder));
            VERIFY_OK(library.open());
            fill(library);
        }
        m_whole = contentOf(fileIn(m_folder));
        m_ids = allMessages(fileIn(m_folder));
        QCOMPARE(m_ids.size(), std::size_t{kChats * kMessagesEach + 1});
        m_text = wholeText(fileIn(m_folder), m_ids);
    }

    void wholeLibrary_hasNoUnreadablePageAndComesBackEqual() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), m_whole);
        const auto damage = inspectDamaged(fileIn(folder));
        VERIFY_OK(damage);
        QCOMPARE(damage->pages, std::int64_t{m_whole.size() / kPage});
        QCOMPARE(damage->unreadablePages, std::int64_t{0});
        QCOMPARE(damage->chats, kChats);
        QCOMPARE(damage->readableChats, kChats);
        QCOMPARE(damage->fileBytes, std::int64_t{m_whole.size()});
        std::vector<int> chatsAt;
        const auto report =
            rescue(fileIn(folder), fileIn(folder, "new.db"), [&](const RescueProgress& progress) {
                chatsAt.push_back(progress.chats);
                QCOMPARE(progress.totalChats, kChats);
            });
        VERIFY_OK(report);
        QCOMPARE(chatsAt.size(), std::size_t{kChats});
        QCOMPARE(report->chats, kChats);
        QCOMPARE(report->messages, int(m_ids.size()));
        QVERIFY(report->incomplete.empty());
        QVERIFY(report->hasAllSettings);
        QCOMPARE(wholeText(fileIn(folder, "new.db"), m_ids), m_text);
        QCOMPARE(contentOf(fileIn(folder)), m_whole);
        const QStringList files = QDir(folder.path()).entryList(QDir::Files);
        QVERIFY2(files.filter(".part").isEmpty(), qPrintable(files.join(' ')));
    }

    // Each page in turn, by zeros and by noise: everything but its own rows comes back.
    void everyPage_costsOnlyItsOwnRows_data() {
        QTest::addColumn<bool>("isNoise");
        QTest::newRow("zeros") << false;
        QTest::newRow("noise") << true;
    }
    void everyPage_costsOnlyItsOwnRows() {
        QFETCH(bool, isNoise);
        const qsizetype nPages = m_whole.size() / kPage;
        int nIncomplete = 0;
        for (qsizetype page = 0; page < nPages; ++page) {
            QTemporaryDir folder(sweepFolder());
            QByteArray bytes = m_whole;
            bytes.replace(page * kPage, kPage,
                          isNoise ? noise(kPage, int(page)) : QByteArray(kPage, '\0'));
            writeFile(fileIn(folder), bytes);
            const std::string where = "page " + std::to_string(page + 1);
            auto file = PageFile::open(fileIn(folder));
            VERIFY_OK(file);
            const auto found = salvage(*file);
            VERIFY_OK(found);
            // With a page of rows go the pages on which their long texts went on.
            QVERIFY2(found->nUnreadablePages <= 12, where.c_str());
            int nMessages = 0;
            int nTraces = 0;
            for (const auto& [id, chat] : found->chats) {
                nMessages += chat.nReadable();
                nTraces += int(chat.messages.size());
                QVERIFY2(chat.isReadable(), where.c_str());
            }
            // No page holds more rows than this.
            QVERIFY2(nMessages >= int(m_ids.size()) - 40, where.c_str());
            QCOMPARE(nTraces, int(m_ids.size()));
            // Writing it all takes longer: some of them.
            const bool isMissing =
                nMessages < int(m_ids.size()) || int(found->chats.size()) < kChats;
            if (page % (isMissing ? 8 : 40) != 0) continue;
            const auto report = rescue(fileIn(folder), fileIn(folder, "new.db"));
            VERIFY_OK(report);
            QCOMPARE(report->messages, nMessages);
            QCOMPARE(report->messagesLeftOut, int(m_ids.size()) - nMessages);
            QCOMPARE(report->chats, kChats);
            if (nMessages < int(m_ids.size())) {
                QVERIFY(!report->incomplete.empty());
                ++nIncomplete;
            }
            checkRescued(fileIn(folder, "new.db"), where);
            QCOMPARE(contentOf(fileIn(folder)), bytes);
        }
        QVERIFY2(nIncomplete > 2, std::to_string(nIncomplete).c_str());
    }

    void severalPages_leaveTheRest() {
        QTemporaryDir folder;
        QByteArray bytes = m_whole;
        const qsizetype nPages = bytes.size() / kPage;
        for (qsizetype page = 0; page < nPages; page += 7)
            bytes.replace(page * kPage, kPage, noise(kPage, int(page)));
        writeFile(fileIn(folder), bytes);
        const auto damage = inspectDamaged(fileIn(folder));
        VERIFY_OK(damage);
        QVERIFY(damage->unreadablePages > nPages / 8);
        const auto report = rescue(fileIn(folder), fileIn(folder, "new.db"));
        VERIFY_OK(report);
        QVERIFY2(report->chats > kChats / 2, std::to_string(report->chats).c_str());
        QVERIFY(report->messages > int(m_ids.size()) / 4);
        checkRescued(fileIn(folder, "new.db"), "several");
    }

    // A long message whose chain of pages breaks keeps its beginning and says so.
    void brokenLongMessage_keepsItsBeginning() {
        QTemporaryDir folder;
        QByteArray bytes = m_whole;
        // The last message of a chat, 9000 letters 'k', over two pages of its own.
        const qsizetype place = bytes.indexOf(QByteArray(4000, 'k'));
        QVERIFY(place > 0);
        const qsizetype page = place / kPage;
        bytes.replace(page * kPage, 4, QByteArray(4, '\x7f'));
        writeFile(fileIn(folder), bytes);
        const auto report = rescue(fileIn(folder), fileIn(folder, "new.db"));
        VERIFY_OK(report);
        QCOMPARE(report->incomplete.size(), std::size_t{1});
        const IncompleteChat& chat = report->incomplete.front();
        QCOMPARE(chat.shortened, 1);
        QCOMPARE(chat.messages, chat.totalMessages);
        QVERIFY(chat.title.starts_with("Chat "));
        LibraryFixture library(fileIn(folder, "new.db"));
        VERIFY_OK(library.open());
        const auto path = library->messages().loadPath(chat.id);
        const std::string text = path->back().content;
        const std::string whole = textOf(chat.id, kMessagesEach - 1);
        QVERIFY(whole.starts_with(text));
        QVERIFY(text.size() > 500 && text.size() < whole.size());
        for (const MessageRecord& message :
             {path->back(), *library->messages().get(path->back().id)}) {
            QVERIFY(message.isDamaged);
            QCOMPARE(message.readableBytes, std::int64_t(text.size()));
            QCOMPARE(message.totalBytes, std::int64_t(whole.size()));
        }
        for (std::size_t at = 0; at + 1 < path->size(); ++at) QVERIFY(!path->at(at).isDamaged);
        VERIFY_FAILS(library->chats().duplicate(chat.id, "copy"), ErrorCode::InvalidArgument);
        // A second damage elsewhere does not make a whole one of it.
        library.database.reset();
        VERIFY_OK(rescue(fileIn(folder, "new.db"), fileIn(folder, "again.db")));
        LibraryFixture again(fileIn(folder, "again.db"));
        VERIFY_OK(again.open());
        QVERIFY(again->messages().loadPath(chat.id)->back().isDamaged);
        QCOMPARE(again->messages().loadPath(chat.id)->back().totalBytes,
                 std::int64_t(whole.size()));
    }

    // Its row can be written: what a person decides is done to the row.
    void shortenedMessage_isKeptWrittenAgainOrTakenOut() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const ShortenedChat chat = addShortened(library);
        Messages& messages = library->messages();
        VERIFY_OK(messages.replaceDamaged(chat.kept, messages.get(chat.kept)->content));
        QVERIFY(!messages.get(chat.kept)->isDamaged);
        QCOMPARE(messages.get(chat.kept)->content, std::string("the beginning"));
        VERIFY_FAILS(messages.replaceDamaged(chat.kept, "x"), ErrorCode::InvalidArgument);
        const auto version = messages.edit(chat.rewritten, "written again");
        VERIFY_OK(version);
        QCOMPARE(messages.loadPath(chat.id)->at(1).id, version->id);
        QVERIFY(!messages.loadPath(chat.id)->at(1).isDamaged);
        QVERIFY(messages.get(chat.rewritten)->isDamaged);
        // Back to the part and away again: a healthy row can be chosen like any other.
        VERIFY_OK(messages.setActiveVersion(chat.rewritten));
        QCOMPARE(messages.loadPath(chat.id)->at(1).id, chat.rewritten);
        VERIFY_OK(messages.removeDamaged(chat.rewritten));
        QCOMPARE(messages.loadPath(chat.id)->at(1).id, chat.after);
        QCOMPARE(messages.loadPath(chat.id)->at(1).parentId, chat.kept);
        QCOMPARE(messages.loadPath(chat.id)->at(1).versionCount, 2);
        VERIFY_FAILS(messages.get(chat.rewritten), ErrorCode::NotFound);
        VERIFY_OK(library->chats().duplicate(chat.id, "copy"));
    }

    // The pieces of an answer that was being written when the disk failed, of which one is lost.
    void answerWithALostPiece_isMarked() {
        QTemporaryDir folder;
        LibraryFixture living(fileIn(folder));
        VERIFY_OK(living.open());
        const auto [chatId, question] = living.chatWithMessage("question");
        VERIFY_OK(
            living->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        for (const char* piece : {"first ", "second ", "third"}) {
            VERIFY_OK(living->messages().appendAnswer(900, piece, ""));
            VERIFY_OK(living->messages().flushAnswers());
        }
        auto direct = Connection::open({.path = fileIn(folder)});
        VERIFY_OK(direct->run("DELETE FROM answer_chunks WHERE content = ?", "second "));
        QTemporaryDir copies;
        std::filesystem::copy_file(fileIn(folder), fileIn(copies));
        std::filesystem::copy_file(fileIn(folder, "sotto.db-wal"), fileIn(copies, "sotto.db-wal"));
        const auto report = rescue(fileIn(copies), fileIn(copies, "new.db"));
        VERIFY_OK(report);
        QCOMPARE(report->incomplete.size(), std::size_t{1});
        QCOMPARE(report->incomplete.front().shortened, 1);
        LibraryFixture library(fileIn(copies, "new.db"));
        VERIFY_OK(library.open());
        const auto answer = library->messages().get(900);
        QVERIFY(answer->isDamaged);
        QCOMPARE(answer->content, std::string("first "));
        QCOMPARE(answer->totalBytes, std::int64_t{0});
    }

    // What is whole is never replaced by a part, and a part gives way to the whole.
    void backup_fillsAPartAndNeverMakesOne() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        LibraryFixture backup(fileIn(folder, "sotto.backup-v4-20251117-101112.db"));
        VERIFY_OK(library.open());
        VERIFY_OK(backup.open());
        const ShortenedChat part = addShortened(library);
        const ShortenedChat other = addShortened(backup);
        QCOMPARE(other.kept, part.kept);
        VERIFY_OK(backup->messages().replaceDamaged(part.kept, "whole"));  // shorter, but whole
        VERIFY_OK(
            library->messages().replaceDamaged(part.rewritten, "mine"));  // shorter, but whole
        backup.database.reset();
        const auto nTaken = takeFromBackup(backup.options.path, fileIn(folder), {part.id});
        VERIFY_OK(nTaken);
        QCOMPARE(*nTaken, 1);
        QVERIFY(!library->messages().get(part.kept)->isDamaged);
        QCOMPARE(library->messages().get(part.kept)->content, std::string("whole"));
        QVERIFY(!library->messages().get(part.rewritten)->isDamaged);
        QCOMPARE(library->messages().get(part.rewritten)->content, std::string("mine"));
    }

    void journal_isPartOfTheLibrary() {
        QTemporaryDir folder;
        LibraryFixture living(fileIn(folder));
        VERIFY_OK(living.open());
        fill(living);
        const auto [chatId, question] = living.chatWithMessage("only in the journal");
        VERIFY_OK(
            living->messages().beginAnswer({.id = 900, .chatId = chatId, .parentId = question}));
        VERIFY_OK(living->messages().appendAnswer(900, "being written", "thought"));
        VERIFY_OK(living->messages().flushAnswers());
        // As a kill leaves it.
        QTemporaryDir copies;
        std::filesystem::copy_file(fileIn(folder), fileIn(copies));
        std::filesystem::copy_file(fileIn(folder, "sotto.db-wal"), fileIn(copies, "sotto.db-wal"));
        const auto report = rescue(fileIn(copies), fileIn(copies, "new.db"));
        VERIFY_OK(report);
        QVERIFY(report->incomplete.empty());
        LibraryFixture library(fileIn(copies, "new.db"));
        VERIFY_OK(library.open());
        QCOMPARE(library->messages().get(question)->content, std::string("only in the journal"));
        QCOMPARE(library->messages().get(900)->content, std::string("being written"));
        QCOMPARE(library->messages().get(900)->thinking, std::string("thought"));
        QVERIFY(library->messages().get(900)->state == MessageState::Stopped);
    }

    // What was thrown away for good must not come back.
    void deletedChats_stayDeleted() {
        QTemporaryDir folder;
        {
            LibraryFixture library(fileIn(folder));
            VERIFY_OK(library.open());
            fill(library);
            const auto chats = library->chats().list(false);
            for (std::size_t index = 0; index < 5; ++index)
                VERIFY_OK(library->chats().remove(chats->at(index).id));
        }
        const auto report = rescue(fileIn(folder), fileIn(folder, "new.db"));
        VERIFY_OK(report);
        QCOMPARE(report->chats, kChats - 5);
        QCOMPARE(report->totalChats, kChats - 5);
    }

    void failures_areKept() {
        QTemporaryDir folder;
        {
            LibraryFixture library(fileIn(folder));
            VERIFY_OK(library.open());
            const auto [chatId, question] = library.chatWithMessage("question");
            VERIFY_OK(library->messages().beginAnswer(
                {.id = 900, .chatId = chatId, .parentId = question}));
            VERIFY_OK(library->messages().finishAnswer(
                900, {.state = MessageState::Failed,
                      .failure = Error{ErrorCode::ContextFull, "Full.", "", 9000, 4096}}));
        }
        VERIFY_OK(rescue(fileIn(folder), fileIn(folder, "new.db")));
        LibraryFixture library(fileIn(folder, "new.db"));
        VERIFY_OK(library.open());
        QVERIFY(library->messages().get(900)->failure->code == ErrorCode::ContextFull);
        QCOMPARE(library->messages().get(900)->failure->needed, std::uint64_t{9000});
    }

    // As earlier programs wrote them.
    void storedLibrary_comesBackEqual_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("schema 1") << "library-v1";
        QTest::newRow("schema 3") << "library-v3";
        QTest::newRow("schema 4") << "library-v4";
        QTest::newRow("schema 6") << "library-v6";
        QTest::newRow("schema 7") << "library-v7";
        QTest::newRow("schema 8") << "library-v8";
        QTest::newRow("schema 9") << "library-v9";
    }
    void storedLibrary_comesBackEqual() {
        QFETCH(QString, name);
        QTemporaryDir folder;
        const QString data = QStringLiteral(SOTTO_SOURCE_DIR "/tests/storage/data/") + name;
        writeFile(fileIn(folder), contentOf((data + ".db").toStdString()));
        const std::vector<MessageId> ids = allMessages(fileIn(folder));
        VERIFY_OK(rescue(fileIn(folder), fileIn(folder, "new.db")));
        const QList<QByteArray> lines = wholeText(fileIn(folder, "new.db"), ids).split('\n');
        const QList<QByteArray> wanted = contentOf((data + ".txt").toStdString()).split('\n');
        for (qsizetype at = 0; at < std::min(lines.size(), wanted.size()); ++at)
            QCOMPARE(lines[at], wanted[at]);
        QCOMPARE(lines.size(), wanted.size());
    }

    void cancelled_leavesNoFile() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), m_whole);
        int nAsked = 0;
        VERIFY_FAILS(
            rescue(fileIn(folder), fileIn(folder, "new.db"), {}, [&] { return ++nAsked > 6; }),
            ErrorCode::Cancelled);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"sotto.db"});
    }

    void rescue_refusesWhatItCannotDo() {
        QTemporaryDir folder;
        VERIFY_FAILS(inspectDamaged(fileIn(folder)), ErrorCode::NotFound);
        writeFile(fileIn(folder), noise(40 * kPage, 3));
        VERIFY_FAILS(rescue(fileIn(folder), fileIn(folder, "new.db")), ErrorCode::DatabaseDamaged);
        writeFile(fileIn(folder, "new.db"), "something else");
        VERIFY_FAILS(rescue(fileIn(folder), fileIn(folder, "new.db")), ErrorCode::InvalidArgument);
        QCOMPARE(contentOf(fileIn(folder, "new.db")), QByteArray("something else"));
    }

    // The way of the window: set aside, read, and what is missing from the backup.
    void backups_areNamedAndFillTheGaps() {
        QTemporaryDir folder;
        const std::filesystem::path backup = fileIn(folder, "sotto.backup-v1-20251117-101112.db");
        writeFile(fileIn(folder), m_whole);
        {
            auto source = Connection::open({.path = fileIn(folder)});
            VERIFY_OK(source);
            VERIFY_OK(backupDatabase(*source, backup));
        }
        // Every page with text of the last message of the third chat goes, and a leaf beside it.
        QByteArray bytes = contentOf(fileIn(folder));
        const QByteArray marker = QByteArray("message 4 ");
        const qsizetype place = bytes.indexOf(marker);
        bytes.replace(place / kPage * kPage, kPage, QByteArray(kPage, '\0'));
        writeFile(fileIn(folder), bytes);
        const auto damage = inspectDamaged(fileIn(folder));
        QCOMPARE(damage->backups.size(), std::size_t{1});
        QCOMPARE(damage->backups.front().chats, kChats - 1);
        QCOMPARE(damage->backups.front().madeAt, TimeMs{1763374272000});

        const auto aside = setDatabaseAside(fileIn(folder));
        VERIFY_OK(aside);
        const auto report = rescue(*aside, fileIn(folder));
        VERIFY_OK(report);
        QVERIFY(!report->incomplete.empty());
        auto storage = Storage::open({.path = fileIn(folder)});
        VERIFY_OK(storage);
        std::vector<ChatId> wanted;
        for (const IncompleteChat& chat : report->incomplete) {
            QCOMPARE(chat.backup, backup);
            QVERIFY(chat.messages < chat.totalMessages);
            wanted.push_back(chat.id);
        }
        const auto nTaken = takeFromBackup(backup, fileIn(folder), wanted);
        VERIFY_OK(nTaken);
        QCOMPARE(*nTaken, int(wanted.size()));
        storage->reset();
        QCOMPARE(wholeText(fileIn(folder), m_ids), m_text);
        QCOMPARE(contentOf(*aside), bytes);

        VERIFY_FAILS(restoreBackup(backup, fileIn(folder)), ErrorCode::InvalidArgument);
        VERIFY_OK(restoreBackup(backup, fileIn(folder, "restored.db")));
        QCOMPARE(wholeText(fileIn(folder, "restored.db"), m_ids), m_text);
    }

private:
    // Opens whole, and every text is one that was written, or its beginning.
    void checkRescued(const std::filesystem::path& file, const std::string& where) {
        LibraryFixture library(file);
        VERIFY_OK(library.open());
        auto check = Connection::open({.path = file});
        QCOMPARE(*check->queryInteger("SELECT count(*) FROM pragma_integrity_check"
                                      " WHERE integrity_check <> 'ok'"),
                 std::int64_t{0});
        QCOMPARE(*check->queryInteger("SELECT count(*) FROM pragma_foreign_key_check"),
                 std::int64_t{0});
        for (const bool isInBin : {false, true}) {
            const auto chats = library->chats().list(isInBin);
            for (const ChatSummary& chat : *chats) {
                const auto path = library->messages().loadPath(chat.id);
                VERIFY_OK(path);
                for (const MessageRecord& message : *path) {
                    bool isKnown = message.content == "another version";
                    for (int number = 0; number < kMessagesEach; ++number)
                        isKnown = isKnown || textOf(chat.id, number).starts_with(message.content);
                    QVERIFY2(isKnown, (where + ": " + message.content).c_str());
                }
            }
        }
    }

    QTemporaryDir m_folder;
    QByteArray m_whole;
    QByteArray m_text;
    std::vector<MessageId> m_ids;
};

QTEST_APPLESS_MAIN(RescueTest)
#include "rescue_test.moc"
