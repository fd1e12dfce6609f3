// The engine's store on the disk: what is written is found after a restart, what was forgotten is
// not written any more, a damaged file begins anew where the place is ours and nothing of anybody
// else's is touched, and an hour's budget is kept.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <future>

#include "app/core/prefix/disk_prefix_store.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr std::uint64_t kChat = 7;

ChainDigest digest(int number) {
    ChainDigest made{};
    made[0] = static_cast<std::byte>(number);
    made[9] = static_cast<std::byte>(number + 1);
    return made;
}

PrefixBlock block(int number, std::size_t nBytes = 50'000) {
    PrefixBlock made;
    made.chain = digest(number);
    if (number > 1) made.parent = digest(number - 1);
    made.tokens.assign(32, number);
    made.bytes.assign(nBytes, static_cast<std::byte>(number));
    return made;
}

std::vector<ChainDigest> digests(int end) {
    std::vector<ChainDigest> all;
    for (int number = 1; number < end; ++number) all.push_back(digest(number));
    return all;
}

std::vector<PrefixBlock> readAll(PrefixStore& store, std::vector<ChainDigest> chain) {
    std::promise<std::vector<PrefixBlock>> read;
    store.read(std::move(chain), {},
               [&](std::vector<PrefixBlock> blocks) { read.set_value(std::move(blocks)); });
    return read.get_future().get();
}

}  // namespace

class DiskPrefixStoreTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_options = {};
        m_options.path = m_folder->filePath("prefix.db").toStdString();
        m_options.isOwnPlace = true;
        m_options.bytesPerSecond = 1e12;
        reopen();
    }
    void cleanup() { m_store.reset(); }

    void whatIsWritten_isFoundAfterARestart() {
        write(1, 6);
        const HashKey key = m_store->key();
        reopen();
        QVERIFY(m_store->key() == key);
        QCOMPARE(m_store->find(digests(9)), 5u);
        QCOMPARE(m_store->readRate(), 0.0);
        const auto blocks = readAll(*m_store, digests(6));
        QCOMPARE(blocks.size(), 5u);
        for (int number = 1; number < 6; ++number) {
            const PrefixBlock& found = blocks[static_cast<std::size_t>(number) - 1];
            QVERIFY(found.chain == digest(number));
            QVERIFY(found.tokens == block(number).tokens);
            QVERIFY(found.bytes == block(number).bytes);
        }
        QVERIFY(m_store->readRate() > 0);
    }

    // Closing writes what was given.
    void closing_losesNothing() {
        for (int number = 1; number < 30; ++number) m_store->write(kChat, block(number));
        reopen();
        QCOMPARE(m_store->find(digests(30)), 29u);
    }

    void whatIsGiven_isKnownAtOnce_andFoundWhenItIsThere() {
        m_store->key();
        m_store->write(kChat, block(1));
        QVERIFY(m_store->isKnown(digest(1)));
        QVERIFY(!m_store->isKnown(digest(2)));
        m_store->settle();
        QCOMPARE(m_store->find(digests(2)), 1u);
    }

    void forgottenChat_isGone_andIsNotWrittenAnyMore() {
        write(1, 4);
        m_store->forget(kChat);
        m_store->settle();
        QCOMPARE(m_store->find(digests(4)), 0u);
        write(1, 4);  // an answer that ended behind it
        QCOMPARE(m_store->find(digests(4)), 0u);
        m_store->write(kChat + 1, block(1));
        m_store->settle();
        QCOMPARE(m_store->find(digests(2)), 1u);
    }

    void chatsThatAreGone_areForgottenAtTheStart() {
        write(1, 4);
        PrefixBlock other = block(9);
        other.parent.reset();
        m_store->write(kChat + 1, other);
        reopen();
        m_store->forgetAllBut({kChat + 1});
        m_store->settle();
        QCOMPARE(m_store->find(digests(4)), 0u);
        QVERIFY(m_store->isKnown(digest(9)));
    }

    void forgetAll_leavesAnEmptyFileWithTheSameKey() {
        write(1, 20);
        const HashKey key = m_store->key();
        const std::uint64_t before = m_store->figures().bytesOnDisk;
        m_store->forgetAll();
        m_store->settle();
        QVERIFY(m_store->figures().bytesOnDisk < before);
        QCOMPARE(m_store->find(digests(2)), 0u);
        QVERIFY(m_store->key() == key);
        write(1, 3);
        QCOMPARE(readAll(*m_store, digests(3)).size(), 2u);
    }

    void switchedOff_forgetsAndTakesNothing() {
        write(1, 4);
        m_store->setOn(false);
        m_store->settle();
        QVERIFY(!std::filesystem::exists(m_options.path));
        QCOMPARE(m_store->find(digests(4)), 0u);
        QCOMPARE(m_store->taking(1, PrefixStore::Pace::Beside), PrefixStore::Taking::Not);
        QCOMPARE(readAll(*m_store, digests(4)).size(), 0u);
        m_store->setOn(true);
        m_store->settle();
        write(1, 4);
        QCOMPARE(readAll(*m_store, digests(4)).size(), 3u);
        m_options.isOn = false;
        reopen();
        QCOMPARE(m_store->find(digests(4)), 0u);
        QVERIFY(!m_store->figures().problem);
    }

    void hoursBudget_isKept() {
        m_options.maxBytesPerHour = 4'000'000;
        reopen();
        m_store->key();
        int number = 1;
        while (m_store->taking(50'000, PrefixStore::Pace::Beside) != PrefixStore::Taking::Not) {
            m_store->write(kChat, block(number++));
            m_store->settle();
            QVERIFY(number < 60);
        }
        QVERIFY(number > 2);
        const DiskPrefixFigures figures = m_store->figures();
        QVERIFY(figures.writtenToday <= 4'000'000);
        reopen();
        QVERIFY(m_store->key() != HashKey{});
        QCOMPARE(m_store->taking(50'000, PrefixStore::Pace::Beside), PrefixStore::Taking::Not);
    }

    void writingRunsNotAheadOfTheDisk() {
        m_options.bytesPerSecond = 1000;
        reopen();
        m_store->key();
        QCOMPARE(m_store->taking(50'000, PrefixStore::Pace::Beside), PrefixStore::Taking::Now);
        m_store->write(kChat, block(1));
        QCOMPARE(m_store->taking(50'000, PrefixStore::Pace::Beside), PrefixStore::Taking::Later);
        QCOMPARE(m_store->taking(50'000, PrefixStore::Pace::Alone), PrefixStore::Taking::Now);
    }

    void quota_isATenthOfWhatIsFree() {
        const auto space = std::filesystem::space(m_options.path.parent_path());
        const std::uint64_t most = m_store->figures().maxBytes;
        QVERIFY(most > 0);
        QVERIFY(most <= std::max<std::uint64_t>(space.available, space.free) / 9);
        m_store->setMaxBytes(5'000'000);
        m_store->settle();
        QCOMPARE(m_store->figures().maxBytes, std::uint64_t{5'000'000});
    }

    void damagedFile_beginsAnew_data() {
        QTest::addColumn<int>("how");
        QTest::newRow("no database") << 0;
        QTest::newRow("cut") << 1;
        QTest::newRow("pages of zeros") << 2;
        QTest::newRow("noise in the middle") << 3;
    }
    void damagedFile_beginsAnew() {
        QFETCH(int, how);
        write(1, 20);
        m_store.reset();
        std::string bytes = content();
        if (how == 0) bytes = std::string(5000, 'x');
        if (how == 1) bytes.resize(bytes.size() / 2 + 17);
        if (how == 2) std::fill(bytes.begin() + 32768, bytes.begin() + 5 * 32768, '\0');
        if (how == 3)
            for (std::size_t place = 32768; place < bytes.size(); place += 97) bytes[place] ^= 0x5a;
        std::ofstream(m_options.path, std::ios::binary)
            .write(bytes.data(), static_cast<long>(bytes.size()));
        m_store = std::make_unique<DiskPrefixStore>(m_options);
        m_store->key();
        // Right or nothing.
        const std::vector<PrefixBlock> blocks = readAll(*m_store, digests(20));
        for (std::size_t index = 0; index < blocks.size(); ++index)
            QVERIFY(blocks[index].bytes == block(static_cast<int>(index) + 1).bytes);
        m_store->settle();
        PrefixBlock fresh = block(90);
        fresh.parent.reset();
        m_store->write(kChat, fresh);
        m_store->settle();
        QVERIFY(!m_store->figures().problem);
        // Damage that is met while writing begins anew as well, and the next one is kept.
        fresh = block(91);
        fresh.parent.reset();
        m_store->write(kChat, fresh);
        m_store->settle();
        QCOMPARE(readAll(*m_store, {digest(91)}).size(), 1u);
    }

    void otherPlace_losesNothingThatIsNotOurs() {
        m_store.reset();
        m_options.isOwnPlace = false;
        std::ofstream(m_options.path) << "my diary";
        reopen();
        QVERIFY(m_store->figures().problem.has_value());
        QCOMPARE(m_store->taking(1, PrefixStore::Pace::Beside), PrefixStore::Taking::Not);
        m_store->write(kChat, block(1));
        m_store->forgetAll();
        m_store->settle();
        QCOMPARE(m_store->find(digests(2)), 0u);
        QCOMPARE(readAll(*m_store, digests(2)).size(), 0u);
        m_store.reset();
        QCOMPARE(content(), std::string("my diary"));
    }

    void fileThatIsOpenElsewhere_isNone() {
        write(1, 3);
        DiskPrefixStore second(m_options);
        second.key();
        QVERIFY(second.figures().problem.has_value());
        QCOMPARE(second.figures().problem->code, ErrorCode::Locked);
        QCOMPARE(second.find(digests(3)), 0u);
        second.forgetAll();
        second.settle();
        QCOMPARE(readAll(*m_store, digests(3)).size(), 2u);
    }

    void folderThatIsMissing_isNoError() {
        m_options.path = m_folder->filePath("no/such/folder/prefix.db").toStdString();
        reopen();
        QVERIFY(m_store->figures().problem.has_value());
        m_store->write(kChat, block(1));
        m_store->settle();
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    DiskPrefixOptions m_options;
    std::unique_ptr<DiskPrefixStore> m_store;

    void reopen() {
        m_store.reset();
        m_store = std::make_unique<DiskPrefixStore>(m_options);
        m_store->key();
    }
    void write(int first, int end) {
        for (int number = first; number < end; ++number) m_store->write(kChat, block(number));
        m_store->settle();
    }
    std::string content() const {
        std::ifstream file(m_options.path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

QTEST_GUILESS_MAIN(DiskPrefixStoreTest)
#include "disk_prefix_store_test.moc"
