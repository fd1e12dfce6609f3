// Folders of models are watched: what comes, goes and grows is told once it has settled.
#include "app/models/folder_watch.h"

#include <QDeadlineTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace sotto;
using namespace sotto::app;
namespace fs = std::filesystem;

class FolderWatchTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_root = m_folder->path().toStdString();
        m_watch = std::make_unique<FolderWatch>();
        m_watch->setSettleMs(10'000'000);  // looks are the test's
        m_changed = std::make_unique<QSignalSpy>(m_watch.get(), &FolderWatch::changed);
    }
    void cleanup() {
        m_changed.reset();
        m_watch.reset();
    }

    void whatLiesThere_isNoChange() {
        write("a.gguf", "GGUF");
        begin();
        look();
        look();
        QCOMPARE(m_changed->count(), 0);
    }

    void aFile_thatComes_isToldOnceItHasSettled() {
        begin();
        write("sub/a.gguf", "GG");
        look();
        QCOMPARE(m_changed->count(), 0);
        QVERIFY(m_watch->restless().has(m_root / "sub/a.gguf"));
        write("sub/a.gguf", "GGUF");  // it grew meanwhile
        look();
        QCOMPARE(m_changed->count(), 0);
        QVERIFY(m_watch->restless().has(m_root / "sub/a.gguf"));
        look();
        QCOMPARE(m_changed->count(), 1);
        QVERIFY(!m_watch->restless().has(m_root / "sub/a.gguf"));
    }

    void aFile_thatGoes_isTold() {
        write("a.gguf", "GGUF");
        begin();
        fs::remove(m_root / "a.gguf");
        look();
        look();
        QCOMPARE(m_changed->count(), 1);
    }

    // Beside one that is being copied the others are as they were.
    void aFile_thatGrows_disturbsNoOther() {
        write("a.gguf", "GGUF");
        write("b.gguf", "GG");
        begin();
        write("b.gguf", "GGUF");
        look();
        QVERIFY(!m_watch->restless().has(m_root / "a.gguf"));
        QVERIFY(m_watch->restless().has(m_root / "b.gguf"));
    }

    // The system tells at once, and what it tells is not read from then on.
    void theSystem_tellsWhatHappens() {
        write("a.gguf", "GG");
        begin();
        write("b.gguf", "GG");
        QTRY_VERIFY(m_watch->restless().has(m_root / "b.gguf"));
        look();
        look();
        QCOMPARE(m_changed->count(), 1);
        write("a.gguf", "GGUF");
        QTRY_VERIFY(m_watch->restless().has(m_root / "a.gguf"));
    }

    void whatIsNoModel_isNoChange() {
        begin();
        write("a.gguf.part", "GG");
        write("notes.txt", "GG");
        write("sha256-0-partial", "GG");
        look();
        look();
        QCOMPARE(m_changed->count(), 0);
    }

    void byItself_itLooksUntilNothingMoves() {
        m_watch->setSettleMs(1);
        begin();
        write("a.gguf", "GGUF");
        QTRY_COMPARE(m_changed->count(), 1);
    }

    // A look that takes longer than the pause between two comes to its end all the same.
    void looks_areNotEndedByLaterOnes() {
        makeTree();
        begin();
        QSignalSpy looked(m_watch.get(), &FolderWatch::looked);
        const QDeadlineTimer end(20'000);
        while (looked.count() == 0 && !end.hasExpired()) {
            m_watch->look();
            QCoreApplication::processEvents();
        }
        QVERIFY(looked.count() > 0);
    }

    void aLargeTree_isWatchedInPart() {
        makeTree();
        write("19/14/a.gguf", "GGUF");
        const FolderLook look = lookAtFolders({m_root});
        QCOMPARE(look.watched.size(), kMostWatched);  // of 321 folders
        QCOMPARE(look.watched[0], m_root);
        QCOMPARE(look.watched[1], m_root / "19/14");
        QCOMPARE(look.watched[2], m_root / "19/14/a.gguf");
    }

    // A copy that began before the program did.
    void whatWasJustWritten_isDoubtedAtFirst() {
        write("a.gguf", "GG");
        begin(false);
        QVERIFY(m_watch->restless().has(m_root / "a.gguf"));
        look();
        QCOMPARE(m_changed->count(), 1);
        QVERIFY(!m_watch->restless().has(m_root / "a.gguf"));
    }

    void otherFolders_areKnownAtOnce() {
        begin();
        QTemporaryDir other;
        const fs::path file = other.path().toStdString() + "/a.gguf";
        std::ofstream(file) << "GGUF";
        fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
        m_watch->setFolders({other.path()});
        look();
        look();
        QCOMPARE(m_changed->count(), 0);
    }

private:
    // With files that have lain there for long.
    void begin(bool areOld = true) {
        if (areOld)
            for (const auto& entry : fs::recursive_directory_iterator(m_root))
                if (entry.is_regular_file())
                    fs::last_write_time(entry.path(),
                                        fs::file_time_type::clock::now() - std::chrono::hours(1));
        QSignalSpy looked(m_watch.get(), &FolderWatch::looked);
        m_watch->setFolders({m_folder->path()});
        QTRY_COMPARE(looked.count(), 1);
    }
    void makeTree() {
        for (int folder = 0; folder < 20; ++folder)
            for (int inner = 0; inner < 15; ++inner)
                fs::create_directories(m_root / std::to_string(folder) / std::to_string(inner));
    }
    void look() {
        QSignalSpy looked(m_watch.get(), &FolderWatch::looked);
        m_watch->look();
        QTRY_VERIFY(looked.count() > 0);
    }
    void write(const std::string& name, const std::string& content) {
        fs::create_directories((m_root / name).parent_path());
        std::ofstream(m_root / name, std::ios::binary) << content;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_root;
    std::unique_ptr<FolderWatch> m_watch;
    std::unique_ptr<QSignalSpy> m_changed;
};

QTEST_GUILESS_MAIN(FolderWatchTest)
#include "folder_watch_test.moc"
