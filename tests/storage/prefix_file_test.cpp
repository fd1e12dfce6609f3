// The file of computed prefixes: what is written is read back or not at all, the files never grow
// over their quota, what goes is what was used least recently and nobody's beginning, what a chat
// said is gone with it, and a file that is not whole or not ours is told and left alone.
#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <map>
#include <numeric>

#include "storage/api/prefix_file.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr std::uint64_t kAmple = std::uint64_t{1} << 30;

ChainId chainOf(int number) {
    ChainId id{};
    for (std::size_t index = 0; index < id.size(); ++index)
        id[index] = static_cast<std::byte>(number * 37 + static_cast<int>(index) * 11);
    id[0] = static_cast<std::byte>(number);
    id[1] = static_cast<std::byte>(number >> 8);
    return id;
}

// Row `number`, which hangs on row `parent`; 0: on none.
PrefixRow row(int number, int parent, std::size_t nBytes = 100'000) {
    PrefixRow made;
    made.chain = chainOf(number);
    if (parent != 0) made.parent = chainOf(parent);
    made.tokens.resize(32);
    std::iota(made.tokens.begin(), made.tokens.end(), number * 100);
    made.bytes.resize(nBytes);
    for (std::size_t index = 0; index < nBytes; ++index)
        made.bytes[index] =
            static_cast<std::byte>(static_cast<std::size_t>(number) * 7 + index % 251);
    return made;
}

// Rows [first, end), each hanging on the one before it; the first on none.
std::vector<PrefixRow> chain(int first, int end, std::size_t nBytes = 100'000) {
    std::vector<PrefixRow> rows;
    for (int number = first; number < end; ++number)
        rows.push_back(row(number, number == first ? 0 : number - 1, nBytes));
    return rows;
}

std::vector<ChainId> ids(int first, int end) {
    std::vector<ChainId> all;
    for (int number = first; number < end; ++number) all.push_back(chainOf(number));
    return all;
}

}  // namespace

#define VERIFY_OK(result)                                                  \
    do {                                                                   \
        const auto& outcome = (result);                                    \
        QVERIFY2(outcome, outcome ? "" : outcome.error().message.c_str()); \
    } while (false)

class PrefixFileTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath("prefix.db").toStdString();
        reopen();
    }
    void cleanup() { m_file.reset(); }

    void whatIsWritten_isReadInOrder() {
        VERIFY_OK(m_file->add(1, chain(1, 6), kAmple));
        reopen();
        QCOMPARE(m_file->chains()->size(), 5u);
        const auto read = reader()->read(ids(1, 6));
        VERIFY_OK(read);
        QCOMPARE(read->rows.size(), 5u);
        for (int index = 0; index < 5; ++index) {
            const PrefixRow expected = row(index + 1, index);
            const PrefixRow& found = read->rows[static_cast<std::size_t>(index)];
            QVERIFY(found.chain == expected.chain);
            QVERIFY(found.tokens == expected.tokens);
            QVERIFY(found.bytes == expected.bytes);
        }
        // Up to the first that is not there.
        auto broken = ids(1, 4);
        broken[1] = chainOf(99);
        QCOMPARE(reader()->read(broken)->rows.size(), 1u);
    }

    // Several connections read it at once; what one finds missing ends it for all of them.
    void longChain_isReadWholeAndInOrder() {
        constexpr int kRows = 150, kGone = 97;
        VERIFY_OK(m_file->add(1, chain(1, kRows + 1, 20'000), kAmple));
        const auto reading = reader();
        const auto read = reading->read(ids(1, kRows + 1));
        VERIFY_OK(read);
        QCOMPARE(read->rows.size(), std::size_t{kRows});
        for (int index = 0; index < kRows; ++index) {
            const PrefixRow expected = row(index + 1, index, 20'000);
            const PrefixRow& found = read->rows[static_cast<std::size_t>(index)];
            QVERIFY(found.chain == expected.chain && found.tokens == expected.tokens &&
                    found.bytes == expected.bytes);
        }
        // Into memory of other sizes, and not enough of it.
        const auto again = reading->read(
            ids(1, 4), {std::vector<std::byte>(50'000, std::byte{9}), std::vector<std::byte>(3)});
        VERIFY_OK(again);
        QCOMPARE(again->rows.size(), 3u);
        for (std::size_t index = 0; index < 3; ++index)
            QVERIFY(again->rows[index].bytes == read->rows[index].bytes);
        VERIFY_OK(m_file->drop(chainOf(kGone)));
        const auto rest = reading->read(ids(1, kRows + 1));
        VERIFY_OK(rest);
        QCOMPARE(rest->rows.size(), std::size_t{kGone - 1});
        QVERIFY(rest->rows.back().chain == chainOf(kGone - 1));
        QVERIFY(!rest->damaged);
        QVERIFY(reading->read({})->rows.empty());
    }

    void rowWithoutItsParent_isLeftOut() {
        const auto added = m_file->add(1, std::vector{row(7, 6)}, kAmple);
        VERIFY_OK(added);
        QVERIFY(added->added.empty());
        QVERIFY(m_file->chains()->empty());
    }

    void rowThatIsThere_isNotWrittenAgain() {
        VERIFY_OK(m_file->add(1, chain(1, 4), kAmple));
        const auto again = m_file->add(1, chain(1, 4), kAmple);
        VERIFY_OK(again);
        QVERIFY(again->added.empty());
        QCOMPARE(m_file->chains()->size(), 3u);
    }

    void key_isTheFilesOwn() {
        const ChainId key = m_file->key();
        reopen();
        QVERIFY(m_file->key() == key);
        m_file.reset();
        VERIFY_OK(PrefixFile::remove(m_path));
        reopen();
        QVERIFY(m_file->key() != key);
        m_file.reset();
        VERIFY_OK(PrefixFile::remove(m_path));
        auto file = PrefixFile::open(m_path, key);
        VERIFY_OK(file);
        QVERIFY((*file)->key() == key);
    }

    void quota_holdsBehindEveryCall_data() {
        QTest::addColumn<int>("nBytes");
        QTest::newRow("small blocks") << 20'000;
        QTest::newRow("blocks of some pages") << 300'000;
        QTest::newRow("blocks of a megabyte") << 1'048'576;
    }
    void quota_holdsBehindEveryCall() {
        QFETCH(int, nBytes);
        const auto size = static_cast<std::size_t>(nBytes);
        const std::uint64_t quota = std::uint64_t{24} << 20;
        const int nRows = static_cast<int>(2 * quota / size) + 4;
        std::uint64_t most = 0;
        for (int number = 1; number <= nRows; number += 4) {
            const int chat = number / 40;
            std::vector<PrefixRow> rows;
            for (int next = number; next < number + 4; ++next)
                rows.push_back(row(next, next % 40 == 1 ? 0 : next - 1, size));
            VERIFY_OK(m_file->add(static_cast<std::uint64_t>(chat) + 1, rows, quota));
            most = std::max(most, m_file->bytesOnDisk());
            QVERIFY2(m_file->bytesOnDisk() <= quota,
                     qPrintable(QString::number(m_file->bytesOnDisk())));
        }
        QVERIFY2(most > quota / 2, qPrintable(QString::number(most)));
        // The newest is there, the oldest is not.
        QCOMPARE(reader()->read(ids(1, 2))->rows.size(), 0u);
        const auto there = *m_file->chains();
        QVERIFY(std::ranges::find(there, chainOf(nRows - nRows % 4)) != there.end());
    }

    void whatWasUsedLeastRecently_goesFirst_fromItsEnd() {
        const std::uint64_t quota = std::uint64_t{20} << 20;
        VERIFY_OK(m_file->add(1, chain(1, 4, 1'000'000), quota));
        VERIFY_OK(m_file->add(2, chain(11, 14, 1'000'000), quota));
        VERIFY_OK(m_file->use(1, ids(1, 4)));
        std::vector<ChainId> removed;
        for (int number = 21; removed.size() < 4; ++number) {
            const auto changes = m_file->add(3, std::vector{row(number, 0, 1'000'000)}, quota);
            VERIFY_OK(changes);
            removed.insert(removed.end(), changes->removed.begin(), changes->removed.end());
            QVERIFY(number < 40);
        }
        const std::vector expected{chainOf(13), chainOf(12), chainOf(11)};
        QVERIFY(std::equal(expected.begin(), expected.end(), removed.begin()));
        QVERIFY(removed[3] == chainOf(3));
    }

    // A chain that alone is larger than the quota keeps its beginning, and nothing fails.
    void chainLargerThanTheQuota_keepsItsBeginning() {
        const std::uint64_t quota = std::uint64_t{10} << 20;
        for (int number = 1; number < 30; ++number)
            VERIFY_OK(m_file->add(1, std::vector{row(number, number - 1, 1'000'000)}, quota));
        QVERIFY(m_file->bytesOnDisk() <= quota);
        QCOMPARE(reader()->read(ids(1, 3))->rows.size(), 2u);
    }

    void forgottenChat_takesWhatNobodyElseNeeds() {
        // One system prompt (rows 1, 2), two chats behind it.
        VERIFY_OK(m_file->add(1, chain(1, 5), kAmple));
        VERIFY_OK(m_file->use(2, ids(1, 3)));
        VERIFY_OK(m_file->add(2, std::vector{row(11, 2), row(12, 11)}, kAmple));
        const auto changes = m_file->forget(1);
        VERIFY_OK(changes);
        QCOMPARE(changes->removed.size(), 2u);
        const auto left = *m_file->chains();
        for (const int number : {1, 2, 11, 12})
            QVERIFY(std::ranges::find(left, chainOf(number)) != left.end());
        QVERIFY(*m_file->owners() == std::vector<std::uint64_t>{2});
        VERIFY_OK(m_file->forget(2));
        QVERIFY(m_file->chains()->empty());
    }

    void shares_countWhatEachNeeds() {
        VERIFY_OK(m_file->add(1, chain(1, 5), kAmple));
        VERIFY_OK(m_file->use(2, ids(1, 3)));
        VERIFY_OK(m_file->add(2, std::vector{row(11, 2)}, kAmple));
        const auto shares = m_file->shares();
        VERIFY_OK(shares);
        QCOMPARE(shares->size(), 2u);
        QCOMPARE(shares->at(0).owner, 2u);
        QCOMPARE(shares->at(0).nTokens, 3 * 32);
        QCOMPARE(shares->at(0).nSharedTokens, 2 * 32);
        QCOMPARE(shares->at(0).nBytes, 300'000);
        QCOMPARE(shares->at(1).nTokens, 4 * 32);
        QVERIFY(shares->at(1).usedAt < shares->at(0).usedAt);
        QVERIFY(qAbs(shares->at(0).usedAt - QDateTime::currentMSecsSinceEpoch()) < 3'600'000);
    }

    // Whose end was evicted still owns what is left of it.
    void evictedEnd_isItsParentsThen() {
        const std::uint64_t quota = std::uint64_t{16} << 20;
        VERIFY_OK(m_file->add(1, chain(1, 4, 1'000'000), quota));
        PrefixChanges changes;
        for (int number = 21; changes.removed.empty(); ++number) {
            auto next = m_file->add(
                2, std::vector{row(number, number == 21 ? 0 : number - 1, 1'000'000)}, quota);
            VERIFY_OK(next);
            changes = *next;
            QVERIFY(number < 60);
        }
        QVERIFY(changes.removed.front() == chainOf(3));
        reopen();
        QVERIFY(reader()->read(ids(1, 3))->rows.size() == 2);
        VERIFY_OK(m_file->forget(1));
        QCOMPARE(reader()->read(ids(1, 2))->rows.size(), 0u);
    }

    void whatIsForgotten_isOverwritten() {
        PrefixRow secret = row(1, 0);
        const QByteArray words("what somebody said to a model and deleted again");
        std::ranges::transform(words, secret.bytes.begin() + 50'000,
                               [](char c) { return static_cast<std::byte>(c); });
        VERIFY_OK(m_file->add(1, std::vector{secret}, kAmple));
        QVERIFY(contentOf(m_path).contains(words));
        VERIFY_OK(m_file->forget(1));
        for (const char* suffix : {"", "-wal", "-shm"})
            QVERIFY(!contentOf(m_path.string() + suffix).contains(words));
    }

    void damagedBytes_areTold_andDroppedWithWhatHangsOnThem() {
        VERIFY_OK(m_file->add(1, chain(1, 5), kAmple));
        m_file.reset();
        QByteArray bytes = contentOf(m_path);
        // Bytes of row 3, in the middle of its content.
        const PrefixRow third = row(3, 2);
        const QByteArray part(reinterpret_cast<const char*>(third.bytes.data()) + 40'000, 2'000);
        const qsizetype place = bytes.indexOf(part);
        QVERIFY(place > 0);
        bytes[place + 1'000] = static_cast<char>(bytes[place + 1'000] ^ 1);
        writeFile(m_path, bytes);
        reopen();
        const auto read = reader()->read(ids(1, 5));
        VERIFY_OK(read);
        QCOMPARE(read->rows.size(), 2u);
        QVERIFY(read->damaged == chainOf(3));
        const auto dropped = m_file->drop(*read->damaged);
        VERIFY_OK(dropped);
        QCOMPARE(dropped->removed.size(), 2u);
        QCOMPARE(m_file->chains()->size(), 2u);
        // The chat still owns its beginning.
        reopen();
        QCOMPARE(m_file->chains()->size(), 2u);
    }

    void smallerQuota_shrinksTheFiles() {
        VERIFY_OK(m_file->add(1, chain(1, 21, 1'000'000), kAmple));
        QVERIFY(m_file->bytesOnDisk() > 20'000'000);
        const auto changes = m_file->shrink(std::uint64_t{9} << 20);
        VERIFY_OK(changes);
        QVERIFY(m_file->bytesOnDisk() <= std::uint64_t{9} << 20);
        QVERIFY(!m_file->chains()->empty());
        const auto read = reader()->read(ids(1, 3));
        QCOMPARE(read->rows.size(), 2u);
        VERIFY_OK(m_file->shrink(0));
        QVERIFY(m_file->chains()->empty());
    }

    void quotaSmallerThanABlock_takesNothing() {
        const auto added = m_file->add(1, chain(1, 2), 1000);
        VERIFY_OK(added);
        QVERIFY(added->added.empty());
    }

    void bytesWritten_countTheJournal() {
        VERIFY_OK(m_file->add(1, chain(1, 11), kAmple));
        const auto now = std::time(nullptr);
        QVERIFY(*m_file->bytesWrittenSince(now) >= 2 * 10 * 100'000);
        reopen();
        VERIFY_OK(m_file->use(1, ids(1, 11)));
        QVERIFY(*m_file->bytesWrittenSince(now - 3600) > 0);
    }

    void otherProgram_findsItLocked() {
        const auto second = PrefixFile::open(m_path);
        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::Locked);
    }

    void newerVersion_isRefusedAndLeft() {
        m_file.reset();
        QByteArray bytes = contentOf(m_path);
        bytes[63] = 99;  // user_version, the last of four bytes
        writeFile(m_path, bytes);
        const auto opened = PrefixFile::open(m_path);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::NewerVersion);
        QCOMPARE(contentOf(m_path), bytes);
        QVERIFY(PrefixFile::isOurs(m_path));
    }

    void foreignFile_isRefusedAndLeft_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("text") << QByteArray("This is my diary.\n").repeated(300);
        QTest::newRow("short") << QByteArray("x");
        QByteArray database(4096, 0);
        database.replace(0, 16, QByteArray("SQLite format 3\0", 16));
        QTest::newRow("a database's head") << database;
    }
    void foreignFile_isRefusedAndLeft() {
        QFETCH(QByteArray, bytes);
        const std::filesystem::path path = m_folder->filePath("diary").toStdString();
        writeFile(path, bytes);
        const auto opened = PrefixFile::open(path);
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::DatabaseDamaged);
        QCOMPARE(contentOf(path), bytes);
        QVERIFY(!PrefixFile::isOurs(path));
    }

    void files_areThisAccountsAlone() {
        VERIFY_OK(m_file->add(1, chain(1, 3), kAmple));
        for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
            const std::string file = m_path.string() + suffix;
            struct stat status {};
            if (::stat(file.c_str(), &status) != 0) continue;
            QVERIFY2((status.st_mode & 0077u) == 0, file.c_str());
        }
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_path;
    std::unique_ptr<PrefixFile> m_file;

    void reopen() {
        m_file.reset();
        auto file = PrefixFile::open(m_path);
        VERIFY_OK(file);
        m_file = std::move(*file);
    }
    std::unique_ptr<PrefixReader> reader() {
        auto opened = PrefixReader::open(m_path);
        if (!opened) qFatal("%s", opened.error().message.c_str());
        return std::move(*opened);
    }
};

QTEST_GUILESS_MAIN(PrefixFileTest)
#include "prefix_file_test.moc"
