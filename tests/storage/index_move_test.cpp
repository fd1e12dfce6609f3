// The search index of an older library moves while everything goes on: searches are right at every
// moment, and a kill, a full disk or a damaged page costs nothing. What a search must find is
// defined by looking through all texts; what an index must hold, by one that is made anew.
#include "storage/index_move.h"

#include <QProcess>
#include <QTest>
#include <map>
#include <random>
#include <set>

#include "storage/api/rescue.h"
#include "storage/api/storage.h"
#include "tests/storage/library_fixture.h"
#include "tests/storage/test_files.h"
#include "tests/support/failing_vfs.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr std::size_t kOldVersion = 4;
constexpr qsizetype kPage = 4096;

SearchBudget endless() {
    return [](double) { return false; };
}

// One chat, written by a program from before the move. Today's writes the rows, and a column that
// the old one has not: it is there while they are written.
ChatId makeOldLibrary(const std::filesystem::path& file, const std::vector<std::string>& texts) {
    ChatId chatId = 0;
    {
        auto library = openLibrary({.path = file}, libraryMigrations().first(kOldVersion));
        (void)library->connection.execute(
            "ALTER TABLE messages ADD COLUMN tokens BLOB DEFAULT x''");
        IdGenerator ids;
        SqliteDatabase database(std::move(*library), ids);
        chatId = database.chats().create({.title = "old"})->id;
        MessageId parent = 0;
        for (const std::string& text : texts)
            parent = database.messages()
                         .add({.chatId = chatId, .parentId = parent, .content = text})
                         ->id;
    }
    auto connection = Connection::open({.path = file, .mode = OpenMode::ReadWrite});
    (void)connection->execute("ALTER TABLE messages DROP COLUMN tokens");
    return chatId;
}

// Each with a word of its own, so that some slices are needed.
std::vector<std::string> someTexts(int nTexts) {
    std::vector<std::string> texts;
    for (int index = 0; index < nTexts; ++index) {
        texts.push_back("number" + std::to_string(index) + "x " + (index % 2 == 0 ? "Ärger " : "") +
                        std::string(5000, static_cast<char>('a' + index % 20)));
    }
    return texts;
}

bool hasObject(Connection& connection, const char* name) {
    auto row = connection.query("SELECT 1 FROM sqlite_schema WHERE name = ?", name);
    return *row->step();
}

std::int64_t indexedTo(Connection& connection) {
    return *connection.queryInteger("SELECT indexed_to FROM search_move");
}

using Vocabulary = std::set<std::pair<std::int64_t, std::string>>;

Vocabulary vocabularyOf(Connection& connection, const char* table) {
    Vocabulary words;
    const std::string sql =
        "DROP TABLE IF EXISTS temp.words; CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, " +
        std::string(table) + ", instance)";
    if (!connection.execute(sql.c_str())) return {{-1, "no vocabulary"}};
    auto row = connection.prepare("SELECT doc, term FROM temp.words");
    while (row && row->step().value_or(false)) words.emplace(row->integer(0), row->text(1));
    return words;
}

// Empty when the new index has what it must have up to the watermark, and the old one, while there
// is one that is asked, everything.
std::string disagreement(const std::filesystem::path& file) {
    auto connection = Connection::open({.path = file, .mode = OpenMode::ReadWrite});
    auto witness = Connection::open({.path = ":memory:"});
    (void)witness->execute(
        "CREATE VIRTUAL TABLE wanted USING fts5 (content, tokenize = 'trigram', detail = none);"
        "CREATE VIRTUAL TABLE complete USING fts5 (content, tokenize = 'trigram', detail = none)");
    const std::int64_t to = indexedTo(*connection);
    auto row = connection->prepare("SELECT id, content FROM messages WHERE state <> 0");
    while (*row->step()) {
        const std::int64_t id = row->integer(0);
        for (const char* table : {"wanted", "complete"}) {
            if (id > to && std::string_view(table) == "wanted") continue;
            (void)witness->run(
                "INSERT INTO " + std::string(table) + " (rowid, content) VALUES (?, ?)", id,
                row->text(1));
        }
    }
    if (vocabularyOf(*connection, "message_index") != vocabularyOf(*witness, "wanted"))
        return "message_index up to " + std::to_string(to);
    if (messageIndex(*connection) == "message_search" &&
        vocabularyOf(*connection, "message_search") != vocabularyOf(*witness, "complete"))
        return "message_search";
    auto check = connection->prepare("PRAGMA integrity_check");
    return check->step().value_or(false) && check->text(0) == "ok" ? "" : "the file";
}

// Of all finished messages; Qt folds case here.
std::vector<MessageId> scan(Connection& connection, const std::string& term) {
    std::vector<MessageId> ids;
    auto row = connection.prepare(
        "SELECT id, content FROM messages WHERE state <> 0 ORDER BY id DESC LIMIT 100000");
    while (*row->step() && ids.size() < 200) {
        const QString text = QString::fromStdString(row->text(1));
        if (text.contains(QString::fromStdString(term), Qt::CaseInsensitive))
            ids.push_back(row->integer(0));
    }
    return ids;
}

std::vector<MessageId> found(Connection& connection, const std::string& term) {
    SearchIndex search(connection, endless);
    const auto result = search.search({.text = '"' + term + '"', .limit = 200});
    std::vector<MessageId> ids;
    if (!result) return {-1};
    for (const SearchHit& hit : *result) ids.push_back(hit.messageId);
    return ids;
}

Status moveToEnd(Connection& connection) {
    IndexMove move(connection);
    while (true) {
        SOTTO_ASSIGN(const bool hasMore, move.next());
        if (!hasMore) return {};
    }
}

std::filesystem::path beside(const std::filesystem::path& file, const char* suffix) {
    return std::filesystem::path(file.string() + suffix);
}

// What a process that is killed now leaves.
void copyAsKilled(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* suffix : {"", "-wal"}) {
        std::filesystem::remove(beside(to, suffix));
        if (std::filesystem::exists(beside(from, suffix)))
            std::filesystem::copy_file(beside(from, suffix), beside(to, suffix));
    }
}

}  // namespace

class IndexMoveTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>(folderInMemory());
        m_file = fileIn(*m_folder);
    }

    void newLibrary_isBornWithThePresentIndexOnly() {
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        Connection connection = open();
        QVERIFY(!hasObject(connection, "message_search"));
        QVERIFY(!hasObject(connection, "messages_search_insert"));
        QCOMPARE(messageIndex(connection), std::string("message_index"));
        QCOMPARE(library->indexMove().next().value_or(true), false);
        library.chatWithMessage("needle");
        QCOMPARE(library->search({.text = "NEEDLE"})->size(), std::size_t{1});
        QCOMPARE(disagreement(m_file), std::string());
    }

    void emptyOldLibrary_moves() {
        makeOldLibrary(m_file, {});
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        Connection connection = open();
        QCOMPARE(messageIndex(connection), std::string("message_search"));
        VERIFY_OK(moveToEnd(connection));
        QVERIFY(!hasObject(connection, "message_search"));
        library.chatWithMessage("needle");
        QCOMPARE(library->search({.text = "needle"})->size(), std::size_t{1});
    }

    void move_isRightBehindEverySlice() {
        std::vector<std::string> texts = someTexts(60);
        texts[20] = "huge " + std::string(300000, 'h');  // more than a slice
        const ChatId chatId = makeOldLibrary(m_file, texts);
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        // Being written while it moves.
        const auto answer = library->messages().beginAnswer({.chatId = chatId});
        VERIFY_OK(library->messages().appendAnswer(answer->id, "streamed", ""));
        Connection connection = open();
        IndexMove move(connection);
        int nSlices = 0;
        std::set<std::string> asked;
        while (true) {
            const auto hasMore = move.next();
            VERIFY_OK(hasMore);
            if (!*hasMore) break;
            ++nSlices;
            asked.insert(messageIndex(connection));
            QCOMPARE(disagreement(m_file), std::string());
            for (const char* term : {"number7x", "NUMBER59X", "ärger", "HUGE", "ccc", "streamed"})
                QCOMPARE(found(connection, term), scan(connection, term));
        }
        QVERIFY2(nSlices > 5, qPrintable(QString::number(nSlices)));
        QCOMPARE(asked.size(), std::size_t{2});
        for (const char* gone : {"message_search", "message_search_data", "messages_search_insert",
                                 "messages_search_delete", "messages_search_update"})
            QVERIFY2(!hasObject(connection, gone), gone);
        VERIFY_OK(library->messages().finishAnswer(answer->id, {}));
        QCOMPARE(found(connection, "streamed"), std::vector<MessageId>{answer->id});
        VERIFY_OK(connection.execute(
            "INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)"));
    }

    void everythingMayHappenWhileItMoves_data() {
        QTest::addColumn<int>("seed");
#ifdef SOTTO_ADDRESS_SANITIZED
        const int nSeeds = 1;  // three quarters of a minute there
#else
        const int nSeeds = 4;
#endif
        for (int seed = 1; seed <= nSeeds; ++seed) QTest::addRow("%d", seed) << seed;
    }
    // Messages come, change and go above and below the watermark, another connection moves as well,
    // and now and then the process is killed.
    void everythingMayHappenWhileItMoves() {
        QFETCH(int, seed);
        std::mt19937 random(static_cast<unsigned>(seed));
        std::vector<std::string> texts;
        for (int index = 0; index < 150; ++index) texts.push_back(randomText(random, 4000));
        const ChatId chatId = makeOldLibrary(m_file, texts);
        auto library = std::make_unique<LibraryFixture>(m_file);
        VERIFY_OK(library->open());
        bool isMoving = true;
        int nWhileMoving = 0;
        for (int step = 0; step < 250; ++step) {
            const auto kind = random() % 100;
            if (kind < 3) {
                const auto hasMore = (*library)->indexMove().next();
                VERIFY_OK(hasMore);
                isMoving = *hasMore;
            } else if (kind < 4) {
                Connection other = open();
                VERIFY_OK(IndexMove(other).next());
            } else if (kind < 65) {
                nWhileMoving += isMoving;
                change(*library, chatId, random);
            } else if (kind < 68) {
                const std::filesystem::path next =
                    fileIn(*m_folder, ("killed" + std::to_string(step) + ".db").c_str());
                copyAsKilled(m_file, next);
                m_file = next;
                library = std::make_unique<LibraryFixture>(m_file);
                VERIFY_OK(library->open());
            } else {
                Connection connection = open();
                const std::string term = randomTerm(random);
                QCOMPARE(found(connection, term), scan(connection, term));
            }
            if (step % 10 == 9) QCOMPARE(disagreement(m_file), std::string());
        }
        QVERIFY2(nWhileMoving > 60, qPrintable(QString::number(nWhileMoving)));
        Connection connection = open();
        VERIFY_OK(moveToEnd(connection));
        QVERIFY(!isMoving || !hasObject(connection, "message_search"));
        QCOMPARE(disagreement(m_file), std::string());
    }

    void everyWriteOfItMayFail_data() {
        QTest::addColumn<int>("kind");
        using Kind = FailingVfs::Kind;
        QTest::newRow("disk full") << static_cast<int>(Kind::DiskFull);
        QTest::newRow("I/O error") << static_cast<int>(Kind::IoError);
        QTest::newRow("one torn write") << static_cast<int>(Kind::TornOnce);
    }
    // The n-th write fails and the process dies there, for every n.
    void everyWriteOfItMayFail() {
        QFETCH(int, kind);
        makeOldLibrary(m_file, someTexts(30));
        {
            LibraryFixture library(m_file);
            VERIFY_OK(library.open());  // the step itself is tested with all others
        }
        FailingVfs vfs("moving");
        int nFailed = 0;
        for (int nthWrite = 1;; nthWrite += 1 + nthWrite / 40) {
            const std::filesystem::path copy = fileIn(*m_folder, "copy.db");
            copyAsKilled(m_file, copy);
            bool hasFailed = false;
            {
                LibraryFixture library(copy);
                library.options.vfs = vfs.name();
                VERIFY_OK(library.open());
                vfs.failFrom(nthWrite, static_cast<FailingVfs::Kind>(kind));
                Result<bool> hasMore = true;
                while (hasMore && *hasMore) hasMore = library->indexMove().next();
                hasFailed = !hasMore;
                if (kind == static_cast<int>(FailingVfs::Kind::DiskFull) && hasFailed) {
                    // There is space again: it goes on where it was.
                    vfs.heal();
                    VERIFY_OK(library->indexMove().next());
                }
            }
            vfs.heal();
            QCOMPARE(disagreement(copy), std::string());
            Connection connection = std::move(*Connection::open({.path = copy}));
            VERIFY_OK(moveToEnd(connection));
            QCOMPARE(disagreement(copy), std::string());
            nFailed += hasFailed;
            if (!hasFailed) break;
        }
        QVERIFY2(nFailed > 20, qPrintable(QString::number(nFailed)));
    }

    void killsAtAnyMoment_loseNothing() {
#ifdef SOTTO_ADDRESS_SANITIZED
        constexpr int nTexts = 200;  // twice as many take minutes there
#else
        constexpr int nTexts = 400;
#endif
        std::vector<std::string> texts = someTexts(nTexts);
        makeOldLibrary(m_file, texts);
        std::mt19937 random(3);
        const std::string last = "number" + std::to_string(nTexts - 1) + "x";
        int nKills = 0;
        bool isDone = false;
        while (!isDone && nKills < 200) {
            QProcess child;
            child.start(QStringLiteral(SOTTO_STORAGE_CHILD),
                        {"move-index", QString::fromStdString(m_file.string())});
            // Behind a slice, or within the next one.
            const auto nLines = static_cast<std::ptrdiff_t>(1 + random() % 3);
            QByteArray told;
            while (std::count(told.begin(), told.end(), '\n') < nLines) {
                QVERIFY(child.waitForReadyRead(20000));
                told += child.readAllStandardOutput();
            }
            QTest::qSleep(static_cast<int>(random() % 3));
            child.kill();
            child.waitForFinished();
            ++nKills;
            QCOMPARE(disagreement(m_file), std::string());
            Connection connection = open();
            QCOMPARE(found(connection, last).size(), std::size_t{1});
            isDone = !hasObject(connection, "message_search");
        }
        QVERIFY(isDone);
        QVERIFY2(nKills > 3, qPrintable(QString::number(nKills)));
    }

    // On broken pages: a text whose second page leads nowhere, and a leaf with some rows.
    void unreadableMessages_areLeftOut_data() {
        QTest::addColumn<bool>("isLeaf");
        QTest::newRow("a page of a text") << false;
        QTest::newRow("a leaf with short texts") << true;
    }
    void unreadableMessages_areLeftOut() {
        QFETCH(bool, isLeaf);
        std::vector<std::string> texts = someTexts(40);
        for (std::size_t index = 0; index < texts.size(); index += isLeaf ? 1 : 41)
            texts[index] = "number" + std::to_string(index) + "x " + std::string(900, 'y');
        texts[20] = isLeaf ? "breakhere" + std::string(900, 'y') : std::string(15000, 'M');
        makeOldLibrary(m_file, texts);
        {
            LibraryFixture library(m_file);
            VERIFY_OK(library.open());
        }
        QByteArray bytes = contentOf(m_file);
        const QByteArray content = isLeaf ? QByteArray("breakhere") : QByteArray(4000, 'M');
        qsizetype place = bytes.indexOf(content);
        QVERIFY(place > 0);
        // A page that was given up may hold it as well.
        for (; place > 0; place = bytes.indexOf(content, place / kPage * kPage + kPage))
            bytes.replace(place / kPage * kPage, 4, QByteArray(4, '\x7f'));
        writeFile(m_file, bytes);
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        Connection connection = open();
        QVERIFY(!connection.queryInteger("SELECT sum(length(content || error)) FROM messages"));
        VERIFY_OK(moveToEnd(connection));
        QCOMPARE(found(connection, "number0x").size(), std::size_t{1});
        QCOMPARE(found(connection, "number39x").size(), std::size_t{1});
    }

    void brokenOldIndex_isNotNeeded_data() {
        QTest::addColumn<QByteArray>("breakIt");
        QTest::newRow("missing") << QByteArray("DROP TABLE message_search");
        QTest::newRow("emptied") << QByteArray("DELETE FROM message_search_data");
        QTest::newRow("noise") << QByteArray(
            "UPDATE message_search_data SET block = randomblob(length(block))");
    }
    void brokenOldIndex_isNotNeeded() {
        QFETCH(QByteArray, breakIt);
        makeOldLibrary(m_file, someTexts(30));
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        {
            Connection connection = open();
            sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
            VERIFY_OK(connection.execute(breakIt.constData()));
        }
        VERIFY_OK(library.open());
        Connection connection = open();
        QCOMPARE(found(connection, "number7x"), scan(connection, "number7x"));
        VERIFY_OK(moveToEnd(connection));
        QVERIFY(!hasObject(connection, "message_search"));
        QCOMPARE(found(connection, "number7x"), scan(connection, "number7x"));
        QCOMPARE(disagreement(m_file), std::string());
    }

    void brokenNewIndex_isNotNeededForASearch() {
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        library.chatWithMessage("needle");
        Connection connection = open();
        sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
        VERIFY_OK(connection.execute("DROP TABLE message_index"));
        QCOMPARE(found(connection, "needle").size(), std::size_t{1});
        VERIFY_OK(connection.execute("DROP TABLE search_move"));
        QCOMPARE(found(connection, "needle").size(), std::size_t{1});
    }

    void halfMovedLibrary_isBackedUpAndRescued() {
        makeHalfMoved();
        const std::filesystem::path backup = fileIn(*m_folder, "backup.db");
        {
            Connection connection = open();
            VERIFY_OK(backupDatabase(connection, backup));
        }
        for (const char* name : {"backup.db", "rescued.db"}) {
            const std::filesystem::path copy = fileIn(*m_folder, name);
            if (copy != backup) {
                QByteArray bytes = contentOf(m_file);
                bytes.replace(0, 16, QByteArray(16, 'x'));
                writeFile(m_file, bytes);
                const auto report = rescue(m_file, copy);
                VERIFY_OK(report);
                QCOMPARE(report->messages, 60);
                QCOMPARE(report->messagesLeftOut, 0);
            }
            LibraryFixture library(copy);
            VERIFY_OK(library.open());
            Connection connection = std::move(*Connection::open({.path = copy}));
            QCOMPARE(hasObject(connection, "message_search"), copy == backup);
            QCOMPARE(found(connection, "number3x").size(), std::size_t{1});
            QCOMPARE(found(connection, "number59x").size(), std::size_t{1});
            VERIFY_OK(moveToEnd(connection));
            QCOMPARE(disagreement(copy), std::string());
        }
    }

    // What a backup brings back may belong below the watermark, or above.
    void chatsOfABackup_comeIntoAHalfMovedLibrary() {
        const ChatId chatId = makeHalfMoved();
        const std::filesystem::path backup = fileIn(*m_folder, "backup.db");
        {
            Connection connection = open();
            VERIFY_OK(backupDatabase(connection, backup));
        }
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        VERIFY_OK(library->chats().remove(chatId));
        QCOMPARE(disagreement(m_file), std::string());
        VERIFY_OK(takeFromBackup(backup, m_file, {chatId}));
        QCOMPARE(disagreement(m_file), std::string());
        Connection connection = open();
        QCOMPARE(found(connection, "number3x").size(), std::size_t{1});
        QCOMPARE(found(connection, "number59x").size(), std::size_t{1});
        VERIFY_OK(moveToEnd(connection));
        QCOMPARE(disagreement(m_file), std::string());
    }

    void readOnlyConnection_searchesTheOldIndex() {
        makeHalfMoved();
        auto connection = Connection::open({.path = m_file, .mode = OpenMode::ReadOnly});
        VERIFY_OK(connection);
        VERIFY_FAILS(IndexMove(*connection).next(), ErrorCode::ReadOnly);
        QCOMPARE(messageIndex(*connection), std::string("message_search"));
        QCOMPARE(found(*connection, "number59x").size(), std::size_t{1});
    }

    // Another program writes: it is tried again later, and the library is as it was.
    void lockedLibrary_waitsForTheNextSlice() {
        makeHalfMoved();
        Connection other = open();
        VERIFY_OK(other.execute("BEGIN IMMEDIATE"));
        auto connection = Connection::open({.path = m_file, .busyTimeoutMs = 0});
        IndexMove move(*connection);
        const std::int64_t to = indexedTo(*connection);
        move.runSlice();
        QVERIFY(move.nextSlice().has_value());
        QCOMPARE(indexedTo(*connection), to);
        VERIFY_OK(other.execute("ROLLBACK"));
        move.runSlice();
        QVERIFY(indexedTo(*connection) > to);
        QVERIFY(*move.nextSlice() < IndexMove::Clock::now() + std::chrono::seconds(30));
    }

    // A copy that goes with its storage is left as it is.
    void storageThread_movesBehindTheCommands() {
        makeHalfMoved();
        const std::filesystem::path kept = fileIn(*m_folder, "kept.db");
        copyAsKilled(m_file, kept);
        auto copy = Storage::open({.path = kept, .hasUpkeep = false});
        VERIFY_OK(copy);
        auto storage = Storage::open({.path = m_file});
        VERIFY_OK(storage);
        Connection connection = open();
        QTRY_VERIFY_WITH_TIMEOUT(!hasObject(connection, "message_search"), 60000);
        const auto hits =
            (*storage)->call([](Database& database) { return database.search({.text = "ÄRGER"}); });
        QCOMPARE(hits->size(), std::size_t{30});
        QCOMPARE(disagreement(m_file), std::string());
        Connection untouched = std::move(*Connection::open({.path = kept}));
        QCOMPARE(messageIndex(untouched), std::string("message_search"));
    }

private:
    Connection open() {
        return std::move(*Connection::open({.path = m_file, .mode = OpenMode::ReadWrite}));
    }

    ChatId makeHalfMoved() {
        const ChatId chatId = makeOldLibrary(m_file, someTexts(60));
        LibraryFixture library(m_file);
        (void)library.open();
        (void)library->indexMove().next();
        (void)library->indexMove().next();
        return chatId;
    }

    static std::string randomText(std::mt19937& random, std::size_t mostCharacters) {
        static constexpr const char* kCharacters[] = {"a", "A", "b", "ä", "Ä", "ж", "Ж", "汉", "k"};
        std::string text;
        for (std::size_t left = random() % mostCharacters; left > 0; --left)
            text += kCharacters[random() % std::size(kCharacters)];
        return text;
    }
    static std::string randomTerm(std::mt19937& random) {
        std::string term;
        while (term.empty()) term = randomText(random, 7);
        return term;
    }

    // One message comes, is written on, or goes.
    static void change(LibraryFixture& library, ChatId chatId, std::mt19937& random) {
        auto connection = Connection::open({.path = library.options.path});
        auto any = connection->query(
            "SELECT id FROM messages ORDER BY id LIMIT 1 OFFSET (SELECT ? % count(*) FROM "
            "messages)",
            static_cast<std::int64_t>(random()));
        const MessageId id = *any->step() ? any->integer(0) : 0;
        Messages& messages = library->messages();
        switch (random() % 5) {
            case 0:
                VERIFY_OK(messages.add({.chatId = chatId, .content = randomText(random, 500)}));
                break;
            case 1:  // as an import or a rescue may: with an id below others
                (void)messages.add({.id = 1 + static_cast<MessageId>(random() % 1000),
                                    .chatId = chatId,
                                    .content = randomText(random, 500)});
                break;
            case 2: {
                const auto answer = messages.beginAnswer({.chatId = chatId});
                VERIFY_OK(answer);
                VERIFY_OK(messages.appendAnswer(answer->id, randomText(random, 500), ""));
                // Some are left open for the end of the process.
                if (random() % 3 != 0) VERIFY_OK(messages.finishAnswer(answer->id, {}));
                break;
            }
            case 3:
                VERIFY_OK(connection->run("UPDATE messages SET content = ? WHERE id = ?",
                                          randomText(random, 500), id));
                break;
            default: {
                const auto removed = messages.remove(id);
                if (removed && random() % 2 == 0) VERIFY_OK(messages.restore(*removed));
                break;
            }
        }
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_file;
};

QTEST_GUILESS_MAIN(IndexMoveTest)
#include "index_move_test.moc"
