// Libraries as earlier programs wrote them (tests/storage/data): each opens at every later version
// with everything that it held.
#include <QDirIterator>
#include <QFile>
#include <QTest>

#include "tests/storage/library_fixture.h"
#include "tests/storage/library_text.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

const QString kData = QStringLiteral(SOTTO_SOURCE_DIR "/tests/storage/data/");

// Of the file itself, by SQL: what the storage must not leave out.
std::vector<MessageId> allMessages(const std::filesystem::path& file) {
    std::vector<MessageId> ids;
    auto connection = Connection::open({.path = file, .mode = OpenMode::ReadOnly});
    auto row = connection->prepare("SELECT id FROM messages ORDER BY id");
    while (*row->step()) ids.push_back(row->integer(0));
    return ids;
}

}  // namespace

class StoredLibraryTest : public QObject {
    Q_OBJECT
private slots:
    void open_keepsEverything_data() {
        QTest::addColumn<QString>("name");
        QDirIterator files(kData, {"library-v*.db"}, QDir::Files);
        while (files.hasNext()) {
            files.next();
            QTest::newRow(qPrintable(files.fileName())) << files.fileInfo().completeBaseName();
        }
    }
    void open_keepsEverything() {
        QFETCH(QString, name);
        QTemporaryDir folder;
        const std::filesystem::path copy = fileIn(folder);
        QVERIFY(QFile::copy(kData + name + ".db", QString::fromStdString(copy.string())));
        QFile::setPermissions(QString::fromStdString(copy.string()),
                              QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        const std::vector<MessageId> ids = allMessages(copy);
        QVERIFY(ids.size() >= 10);
        const QList<QByteArray> wanted =
            contentOf((kData + name + ".txt").toStdString()).split('\n');
        // The second opening reads what the first one made of it.
        for (int opening = 1; opening <= 2; ++opening) {
            LibraryFixture library(copy);
            VERIFY_OK(library.open());
            QCOMPARE(library->report().recoveredAnswers, opening == 1 ? 1 : 0);
            const std::string text = libraryText(*library.database, ids);
            const QList<QByteArray> lines = QByteArray::fromStdString(text).split('\n');
            for (qsizetype at = 0; at < std::min(lines.size(), wanted.size()); ++at)
                QCOMPARE(lines[at], wanted[at]);
            QCOMPARE(lines.size(), wanted.size());
        }
    }

    // Sentences of failed answers stay readable text, in the language they were written in.
    void oldErrorSentences_stayText() {
        QTemporaryDir folder;
        const QString copy = QString::fromStdString(fileIn(folder).string());
        QVERIFY(QFile::copy(kData + "library-v1.db", copy));
        QFile::setPermissions(copy, QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        QCOMPARE(library->messages().get(312)->error,
                 std::string("Not enough memory: 8.0 GiB needed, 3.2 GiB free. Choose a smaller "
                             "model or a shorter context."));
        QCOMPARE(library->messages().get(313)->error,
                 std::string("设备报告了错误。请重新加载模型；对话已保留。"));
    }

    void search_findsWhatTheOldFileHolds() {
        QTemporaryDir folder;
        const QString copy = QString::fromStdString(fileIn(folder).string());
        QVERIFY(QFile::copy(kData + "library-v1.db", copy));
        QFile::setPermissions(copy, QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        QCOMPARE(library->search({.text = "Rayleigh"})->size(), std::size_t{1});
        QCOMPARE(library->search({.text = "end of the program"})->size(), std::size_t{1});
        QCOMPARE(library->search({.text = "Outside of folders"})->size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(StoredLibraryTest)
#include "stored_library_test.moc"
